"""The declaration of an aggregate, once for each slice.

Routes, the rebuild, event visibility, subscriptions, the documentation and the tests read it.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from gerance.incidents.messages import Stamp
from gerance.incidents.rights import Columns, Condition, reach
from gerance.kernel.errors import Rejection
from gerance.kernel.identity.principal import Principal
from gerance.kernel.log.eventlog import LoggedEvent
from gerance.kernel.log.writer import Afterwards, AggregateRow, Projection, Reading
from gerance.kernel.wire import SafeUUID, decode, members, tags


class Visibility(NamedTuple):
    """The read table that decides who may receive the events of an aggregate.

    `table`: with its alias; `uid`: its key; `reach`: the rows that a user may read; `agencies`: in
    SQL, the agencies that a row belongs to, None where a row belongs to none.
    """

    table: str
    uid: str
    reach: Callable[[Principal], Condition]
    agencies: str | None = None


def within(columns: Columns) -> Callable[[Principal], Condition]:
    """The rows that a user reaches by these columns, for a Visibility."""
    return lambda principal: reach(principal, columns)


class CommandOutcome(NamedTuple):
    """The result of an accepted command: events, the state after them, rows of read models."""

    events: Sequence[Any]
    state: Any
    projections: Sequence[Projection]


class Aggregate(msgspec.Struct, frozen=True, kw_only=True):
    """An aggregate: its messages, its rules and its rows.

    `name`: of the slice's subject; `category`: of its streams; `commands`, `events`: unions of
    message types; `state`: the type that `evolve` makes of the events.
    `decide(state, command, stamp, **facts)`: the events, or Rejection; `facts` are what `handle`
    found out. `evolve(state, event)`: the next state. `project(state, uid)`: the rows of read
    tables that a state makes (a ticket's take its parties instead of its uid). `visible`: who may
    receive its events.
    `reading(command, principal, uid)`: what to load with the state. `column`: an SQL expression to
    load with every state. `handle(command, principal, snapshot, stamp)`: the outcome, or Rejection.
    `unknown(uid)`: the rejection of a change of an aggregate that does not exist.
    `subject(event)`: the uid that an event is about, where it is not the stream's.
    `conflicts`: by the name of a unique index, the rejection of a command that violates it.
    `afterwards(command, uid)`: what else to do in the transaction, for the commands that need it.
    `rebuild`: like `project`, where a rebuild needs other statements.
    """

    name: str
    category: str
    commands: Any
    events: Any
    state: type
    decide: Callable[..., Sequence[Any]]
    evolve: Callable[[Any, Any], Any]
    project: Callable[..., Any]
    visible: Visibility
    handle: Callable[[Any, Principal, AggregateRow, Stamp], CommandOutcome]
    reading: Callable[[Any, Principal, SafeUUID], Reading] | None = None
    column: str = "NULL"
    unknown: Callable[[str], Rejection] | None = None
    subject: Callable[[LoggedEvent], str] | None = None
    conflicts: Mapping[str, Callable[[Any], Rejection]] = {}
    afterwards: Callable[[Any, SafeUUID], Afterwards | None] | None = None
    rebuild: Callable[..., Any] | None = None

    @property
    def command_classes(self) -> tuple[type[Any], ...]:
        return members(self.commands) or (self.commands,)

    @property
    def event_classes(self) -> tuple[type[Any], ...]:
        return members(self.events) or (self.events,)

    @property
    def event_types(self) -> frozenset[str]:
        """The names of its events, as on the wire."""
        return tags(self.events)

    def load(self, snapshot: AggregateRow) -> Any:
        """The state in the snapshot; None for an aggregate that does not exist."""
        return None if snapshot.state is None else decode(self.state, snapshot.state)

    def change(self, state: Any, command: Any, stamp: Stamp, **facts: Any) -> CommandOutcome:
        """The change that the command causes. Raises Rejection as `decide` does."""
        events = self.decide(state, command, stamp, **facts)
        for event in events:
            state = self.evolve(state, event)
        return CommandOutcome(events, state, self.project(state, stamp.aggregate))
