"""What a command is to the writer: which aggregate it is about, and what it changes."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from gerance.kernel.db import Connection
from gerance.kernel.log.eventlog import NewEvent


class AggregateRow(NamedTuple):
    """An aggregate as it is: version 0 and no state when it does not exist yet.

    `row`: which writing of its row this is; `column`: what the category reads with each row;
    `extra`: the columns of the command's `reading`, in its order.
    """

    version: int
    state: str | None
    row: str | None
    column: Any
    extra: tuple[Any, ...]


class Projection(NamedTuple):
    """Rows of a slice's read table, written by the statement that appends the events.

    `sql`: what to do with them, once for all commands that write the same: it reads them from
    `{rows}` (columns `stream` and those of `casts`: name and SQL type), which has only those
    whose events are appended; `appended` has the events (stream, version, position).
    """

    sql: str
    casts: tuple[tuple[str, str], ...]
    rows: Sequence[Mapping[str, Any]]


class Change(NamedTuple):
    """What a decided command changes: events, the state after them, the read tables."""

    events: list[NewEvent]
    state: bytes
    projections: tuple[Projection, ...]


Afterwards = Callable[[Connection, Change], Awaitable[None]]
"""What else a change does to other read tables, in the transaction that wrote it."""


class Reading(NamedTuple):
    """What a command reads beside its aggregate: scalar subqueries and their parameters.

    They may name `%(category)s`, `%(stream)s` and `%(process_uid)s` too.
    """

    columns: tuple[str, ...] = ()
    params: Mapping[str, Any] = {}


NO_READING = Reading()


class WriteRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A command on its way: which aggregate, which idempotency key, who asks.

    `decide` answers the change, or raises a Refused; it is called again with a fresh aggregate
    when another writer came first, and so must not have effects. `column`: an SQL expression that
    the category reads with each row (`asked.stream` is its uid). `afterwards` is awaited once
    the change is written and before it is committed. `caused_by`: the position of the event that
    the command answers to.
    """

    category: str
    stream: str
    process_uid: str
    actor: str | None
    decide: Callable[[AggregateRow], Change]
    column: str = "NULL"
    reading: Reading = NO_READING
    dry_run: bool = False
    afterwards: Afterwards | None = None
    caused_by: int | None = None


class WriteResult(NamedTuple):
    """What an accepted command wrote. `position`: the last of its events, None for a dry run."""

    events: list[NewEvent]
    position: int | None
