"""Plans to answers: negotiation, paging, the bytes, and those kept for the next who asks."""
