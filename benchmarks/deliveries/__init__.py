"""Deliveries: how many a second, how soon, and what a dead endpoint costs others."""
