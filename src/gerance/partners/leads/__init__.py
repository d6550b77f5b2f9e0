"""Leads: whoever a partner's client is that wants to see what the service would be."""
