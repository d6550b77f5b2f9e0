"""What is billed for a partner, and the files that go to it and come back."""
