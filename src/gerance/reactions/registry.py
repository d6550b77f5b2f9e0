"""The reactions to each type of event."""

from collections.abc import Mapping
from typing import NamedTuple

from gerance.reactions.calls import assign_supplier, close_ticket, open_ticket, reopen_ticket
from gerance.reactions.context import React
from gerance.reactions.tickets import PROGRESS, follow_ticket


class Reaction(NamedTuple):
    """A reaction, with the name that processUids, failures and metrics have."""

    name: str
    react: React


OPEN = Reaction("open-ticket", open_ticket)
ASSIGN = Reaction("assign-supplier", assign_supplier)
CLOSE = Reaction("close-ticket", close_ticket)
REOPEN = Reaction("reopen-ticket", reopen_ticket)
FOLLOW = Reaction("follow-ticket", follow_ticket)

REACTIONS: Mapping[tuple[str, str], tuple[Reaction, ...]] = {
    ("ServiceCall", "ServiceCallCreated"): (OPEN,),
    ("ServiceCall", "ServiceCallChanged"): (OPEN, ASSIGN, CLOSE, REOPEN),
    **{("ticket", event_type): (FOLLOW,) for event_type in sorted(PROGRESS)},
}
"""By category and type of the event; they run in this order.

There is no cycle. Two effects of a reaction have a reaction again: the TicketUid of a call (its
supplier is put in charge of the ticket) and a provider in charge of a ticket (its calls are
assigned). A new reaction must not close a cycle.
"""
