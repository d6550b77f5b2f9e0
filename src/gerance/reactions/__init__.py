"""Reactions to events: the only bridge between incidents and rentals.

The follower reads the log. `filter` selects the events that may have a reaction, `registry`
names the reactions to each type. A reaction reads the current state and does what is missing: it
sends a command on a ticket (`ticket_commands`) or changes a service call.
"""
