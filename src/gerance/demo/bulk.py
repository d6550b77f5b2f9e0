"""Loads tickets by the hundred thousand, by COPY: the rows that their commands would have written.

Each life goes through `decide`, `evolve` and `project` as commands do. A batch is a transaction:
memory stays flat, and an interrupted load continues with the next batch.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

import msgspec

from gerance.demo.lives import Life, ticket_lives
from gerance.demo.world import World
from gerance.incidents.command_endpoint import to_new_event
from gerance.incidents.messages import Stamp
from gerance.incidents.tickets.commands import AnyTicketCommand
from gerance.incidents.tickets.counts import recount
from gerance.incidents.tickets.decide import decide
from gerance.incidents.tickets.evolve import evolve
from gerance.incidents.tickets.reproject import parties_with_references
from gerance.incidents.tickets.search_index import COLUMNS
from gerance.incidents.tickets.state import TicketState
from gerance.incidents.tickets.views import project
from gerance.kernel.db import Connection
from gerance.kernel.log.eventlog import NewEvent
from gerance.kernel.textarray import as_text
from gerance.kernel.wire import DateTime, SafeUUID, convert, encode, members

BATCH = 500

_EVENT = (
    "COPY event (position, category, stream, version, ordinal, event_type, process_uid, sent_date,"
    " actor, data) FROM STDIN"
)
_STREAM = "COPY stream (category, uid, version, state) FROM STDIN"
_TICKET = f"COPY ticket (number, {', '.join(COLUMNS)}) FROM STDIN"
_SEARCH = "COPY ticket_search (number, words) FROM STDIN"
_DOCUMENT = "COPY ticket_document (number, listed, exported, parties) FROM STDIN"


# Converting to the one type is several times faster than to the union of all.
_COMMANDS: dict[str, Any] = {kind.__name__: kind for kind in members(AnyTicketCommand)}

_ESCAPES = (("\\", "\\\\"), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t"))


class _LifeRows(msgspec.Struct):
    """A life as the write path would have left it; each event has its place in its command."""

    state: TicketState
    actor: str
    events: list[tuple[int, str, NewEvent]]


async def load_tickets(
    connection: Connection,
    world: World,
    *,
    count: int,
    now: datetime,
    on_progress: Callable[[int, int], None],
) -> None:
    """Load the tickets of `count` lives before `now`, but those that are there already."""
    rows = await connection.execute(
        "SELECT count(*) FROM event WHERE category = 'ticket' AND version = 1"
    )
    count_done = (await rows.fetchall())[0][0]
    uid_of = {user.login: SafeUUID(user.uid) for user in world.users}
    lives = ticket_lives(world, count=count, now=now, first=count_done)
    while batch := [_life_rows(life, uid_of[life.actor]) for life in islice(lives, BATCH)]:
        async with connection.transaction():
            await _copy(connection, batch)
        count_done += len(batch)
        on_progress(count_done, count)
    await recount(connection)
    await connection.execute("ANALYZE")


def _life_rows(life: Life, user: SafeUUID) -> _LifeRows:
    state: TicketState | None = None
    events: list[tuple[int, str, NewEvent]] = []
    aggregate = SafeUUID(life.uid)
    for received, body in life.commands:
        command: AnyTicketCommand = convert(body, _COMMANDS[body["commandType"]])
        stamp = Stamp(aggregate=aggregate, user=user, sent_date=DateTime.of(received))
        for ordinal, event in enumerate(decide(state, command, stamp)):
            state = evolve(state, event)
            events.append((ordinal, command.processUid, to_new_event(event)))
    if state is None:
        raise ValueError(f"the life of {life.uid} has no command")
    return _LifeRows(state, user, events)


async def _copy(connection: Connection, batch: Sequence[_LifeRows]) -> None:
    present = await parties_with_references(connection, [life.state for life in batch])
    position = await _reserve(connection, sum(len(life.events) for life in batch))
    events, streams, tickets, searches, documents = [], [], [], [], []
    for life, parties in zip(batch, present, strict=True):
        uid = life.state.uid
        new = project(life.state, parties)
        tickets.append((position, *(getattr(new.row, name) for name in COLUMNS)))
        searches.append((position, new.words))
        documents.append((position, new.list_json, new.export_json, new.parties))
        streams.append(("ticket", uid, len(life.events), encode(life.state)))
        for version, (ordinal, process_uid, event) in enumerate(life.events, start=1):
            events.append(
                (
                    position, "ticket", uid, version, ordinal, event.event_type, process_uid,
                    event.sent_date, life.actor, event.data,
                )
            )  # fmt: skip
            position += 1
    for statement, rows in (
        (_EVENT, events),
        (_STREAM, streams),
        (_TICKET, tickets),
        (_SEARCH, searches),
        (_DOCUMENT, documents),
    ):
        await _copy_rows(connection, statement, rows)


async def _copy_rows(
    connection: Connection, statement: str, rows: Iterable[tuple[Any, ...]]
) -> None:
    lines = ("\t".join(map(_cell, row)) for row in rows)
    async with connection.cursor() as cursor, cursor.copy(statement) as copy:
        await copy.write("\n".join(lines).encode())


def _cell(value: Any) -> str:
    """A value in COPY's text format."""
    text = as_text(value)
    if text is None:
        return "\\N"
    plain = text.decode() if isinstance(text, bytes) else text
    for raw, replacement in _ESCAPES:
        if raw in plain:
            plain = plain.replace(raw, replacement)
    return plain


async def _reserve(connection: Connection, positions: int) -> int:
    """The first of so many log positions, reserved for this load."""
    rows = await connection.execute(
        "SELECT setval(s, nextval(s) + %s - 1) - %s + 1"
        " FROM (SELECT pg_get_serial_sequence('event', 'position')::regclass AS s) sequence",
        [positions, positions],
    )
    first: int = (await rows.fetchall())[0][0]
    return first
