"""What is proposed for customers: done once an operator agrees, and not before."""
