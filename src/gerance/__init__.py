"""Gérance: the open server for property management and its integrators."""

__version__ = "0.1.0"
