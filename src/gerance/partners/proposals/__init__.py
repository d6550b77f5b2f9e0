"""Proposals for customers, which an operator approves or rejects."""
