"""Webhooks and feeds of the rentals: subscriptions, access rights and messages."""
