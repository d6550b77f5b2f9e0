"""Plans to answers: negotiation, the bytes, and those kept for the next who asks."""
