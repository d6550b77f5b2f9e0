"""What is to be repaired in the buildings."""
