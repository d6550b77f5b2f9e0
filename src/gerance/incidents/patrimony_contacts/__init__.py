"""The people of a patrimony: caretakers, members of the home owners' association,
owners and tenants of its lots."""
