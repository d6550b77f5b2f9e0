"""Webhooks of the incident side: events, as they happen, to the addresses of who may read them."""
