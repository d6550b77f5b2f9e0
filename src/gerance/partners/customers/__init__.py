"""Customers: clients of partners that have the service, what they are offered, when they leave."""
