"""Telling partners what becomes of their clients: one call for each change (reference/004, 3)."""
