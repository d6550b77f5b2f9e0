"""The input of the writer: a command on one aggregate, and the change that it causes."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from gerance.kernel.db import Connection
from gerance.kernel.log.eventlog import NewEvent


class AggregateRow(NamedTuple):
    """The stored row of an aggregate: version 0 and no state when it does not exist yet.

    `row`: the version of the row itself (xmin); `column`: what the category reads with each row;
    `extra`: the columns of the command's `reading`, in its order.
    """

    version: int
    state: str | None
    row: str | None
    column: Any
    extra: tuple[Any, ...]


class Projection(NamedTuple):
    """Rows of a slice's read table, written by the statement that appends the events.

    `sql`: a statement that runs once for all commands of a batch that have the same. It reads the
    rows from `{rows}` (columns `stream` and those of `casts`: name and SQL type), which has only
    those whose events are appended; `appended` has the events (stream, version, position).
    """

    sql: str
    casts: tuple[tuple[str, str], ...]
    rows: Sequence[Mapping[str, Any]]


class Change(NamedTuple):
    """What a command changes: its events, the state after them, rows of read tables."""

    events: list[NewEvent]
    state: bytes
    projections: tuple[Projection, ...]


Afterwards = Callable[[Connection, Change], Awaitable[None]]
"""Writes to other read tables, in the transaction that stored the change."""


class Reading(NamedTuple):
    """Extra columns that a command reads: scalar subqueries and their parameters.

    They may also use `%(category)s`, `%(stream)s` and `%(process_uid)s`.
    """

    columns: tuple[str, ...] = ()
    params: Mapping[str, Any] = {}


NO_READING = Reading()


class WriteRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A command for the writer: its aggregate, its idempotency key, its principal.

    `decide` returns the change or raises Rejection. It is called again when another writer changed
    the aggregate first, so it must not have side effects. `column`: an SQL expression that the
    category reads with each row (`asked.stream` is its uid). `afterwards` is awaited after the
    change is stored and before it is committed. `caused_by`: the position of the event that led to
    the command.
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
    """What a command stored. `position`: that of its last event; None for a dry run."""

    events: list[NewEvent]
    position: int | None
