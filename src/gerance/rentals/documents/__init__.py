"""The papers of a tenant."""
