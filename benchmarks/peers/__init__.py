"""What rentals are read beside: each peer with its lock, installed apart from the product."""
