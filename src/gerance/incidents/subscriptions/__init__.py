"""Webhooks of the incident API: signed deliveries of events to the endpoints of users."""
