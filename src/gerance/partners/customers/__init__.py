"""Customers: clients of partners with the service, their offers and terminations."""
