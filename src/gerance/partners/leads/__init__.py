"""Leads: clients of partners that request a free mock-up of the service."""
