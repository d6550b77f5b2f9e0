"""The classes that commands on tickets inherit from."""

from typing import ClassVar

from gerance.incidents.messages import Command
from gerance.incidents.rights import PATRIMONY_MANAGERS
from gerance.incidents.values import Operator, Provider, TicketAssignee


class TicketCommand(Command, kw_only=True):
    """A command on a ticket. `operator`: who acts, by default the user that sends it."""

    senders: ClassVar = PATRIMONY_MANAGERS
    operator: Operator | None = None


class Increment(TicketCommand):
    """A command on a ticket that exists."""


class AssigneeIncrement(Increment, kw_only=True):
    """A command about an `assignee` (2020) or a `provider` (2017)."""

    assignee: TicketAssignee | None = None
    provider: Provider | None = None

    def __post_init__(self) -> None:
        if self.assignee is None and self.provider is None:
            raise ValueError("Object missing required field `assignee`")
        if self.assignee is not None:
            # Published clients read an event with one of the two, never with both.
            self.provider = None
