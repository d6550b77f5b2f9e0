"""Renders plans as answers: negotiation, bodies, and the cache."""
