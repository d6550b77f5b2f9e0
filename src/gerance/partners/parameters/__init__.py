"""What the parameters of a call may say, and how each is checked."""
