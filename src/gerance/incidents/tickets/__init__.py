"""Tickets: an incident from its discovery to its repair."""
