"""Rentals: divisions, buildings, units, leases and what follows from them, for integrators."""
