"""Limits on clients: rates, shares of long answers, connections, and the address they count by."""
