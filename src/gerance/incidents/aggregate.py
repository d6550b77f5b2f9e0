"""What a slice declares of its aggregate, once.

Routes, the rebuild, event visibility, subscriptions, the documentation and the tests read it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from gerance.incidents.messages import Stamp
from gerance.incidents.rights import Columns, Condition, reach
from gerance.kernel.errors import Refused
from gerance.kernel.identity.principal import Principal
from gerance.kernel.log.eventlog import LoggedEvent, NewEvent
from gerance.kernel.log.writer import NO_READING, Afterwards, AggregateRow, Change, Reading
from gerance.kernel.wire import DateTime, SafeUUID, decode, encode, members, tags


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


class Aggregate(msgspec.Struct, frozen=True, kw_only=True):
    """An aggregate: its messages, its rules and its rows.

    `name`: of the slice's subject; `category`: of its streams; `commands`, `events`: unions of
    message types; `state`: the type that `evolve` makes of the events.
    `decide(state, command, stamp, **facts)`: the events, or Refused; `facts` are what `handle`
    found out. `evolve(state, event)`: the next state. `project(state, uid)`: the rows of read
    tables that a state makes (a ticket's take its parties instead of its uid). `visible`: who may
    receive its events.
    `reading(command, principal, uid)`: what to load with the state. `handle(command, principal,
    loaded, stamp)`: the change, or Refused. `column`: an SQL expression to load with every state.
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
    handle: Callable[[Any, Principal, AggregateRow, Stamp], Change]
    reading: Callable[[Any, Principal, SafeUUID], Reading] = lambda command, principal, uid: (
        NO_READING
    )
    column: str = "NULL"
    unknown: Callable[[str], Refused] | None = None
    subject: Callable[[LoggedEvent], str] = lambda event: event.stream
    conflicts: Mapping[str, Callable[[Any], Refused]] = {}
    afterwards: Callable[[Any, SafeUUID], Afterwards | None] = lambda command, uid: None
    rebuild: Callable[..., Any] | None = None

    @property
    def command_types(self) -> tuple[type[Any], ...]:
        return members(self.commands)

    @property
    def event_types(self) -> frozenset[str]:
        return tags(self.events)

    def load(self, loaded: AggregateRow) -> Any:
        """The state that was loaded; None for an aggregate that does not exist."""
        return None if loaded.state is None else decode(self.state, loaded.state)

    def change(self, state: Any, command: Any, stamp: Stamp, **facts: Any) -> Change:
        """What the command changes: its events, the state after them, the rows of that state."""
        events = self.decide(state, command, stamp, **facts)
        for event in events:
            state = self.evolve(state, event)
        rows = self.project(state, stamp.aggregate)
        return Change(record(events), encode(state), tuple(rows))


def record(events: Iterable[Any]) -> list[NewEvent]:
    """Event messages in the form that the log stores."""
    return [_recorded(event) for event in events]


def _recorded(event: Any) -> NewEvent:
    sent: DateTime = event.sentDate
    return NewEvent(type(event).__struct_config__.tag, encode(event), sent.moment)
