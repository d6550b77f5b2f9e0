"""Calls to the endpoints of those who asked to be told: the delivery engine of webhooks."""
