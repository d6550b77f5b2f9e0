"""Whom a company calls to have an incident repaired."""
