"""Webhooks for partners: one call for each change of their clients (reference/004, 3)."""
