"""Rebuilds the read models of tickets from the log, while the server keeps running."""

from collections.abc import Callable
from itertools import groupby
from typing import Any

from gerance.incidents.tickets.counts import recount
from gerance.incidents.tickets.events import AnyTicketEvent
from gerance.incidents.tickets.evolve import evolve
from gerance.incidents.tickets.reproject import BATCH, parties_with_references, write_rows
from gerance.incidents.tickets.state import TicketState
from gerance.incidents.tickets.views import project
from gerance.kernel.db import Connection
from gerance.kernel.wire import decode, encode, members

_EVENTS: dict[str, Any] = {kind.__name__: kind for kind in members(AnyTicketEvent)}


async def rebuild_tickets(connection: Connection, on_progress: Callable[[int, int], None]) -> int:
    """Replay every ticket and store its rows; the number of tickets.

    Each batch is a transaction that locks its tickets; others can be written meanwhile.
    """
    rows = await connection.execute(
        "SELECT count(*) FROM event WHERE category = 'ticket' AND version = 1"
    )
    total = (await rows.fetchall())[0][0]
    total_done, last = 0, 0
    while True:
        async with connection.transaction():
            count, last = await _rebuild_batch(connection, last)
        if not count:
            break
        total_done += count
        on_progress(total_done, max(total_done, total))
    await recount(connection)
    return total_done


async def _rebuild_batch(connection: Connection, last: int) -> tuple[int, int]:
    rows = await connection.execute(
        "SELECT stream::text, position FROM event"
        " WHERE category = 'ticket' AND version = 1 AND position > %s ORDER BY position LIMIT %s",
        [last, BATCH],
    )
    numbers: dict[str, int] = dict(await rows.fetchall())
    if not numbers:
        return 0, last
    uids = list(numbers)
    await connection.execute(
        "SELECT 1 FROM stream WHERE category = 'ticket' AND uid = ANY(%s::uuid[])"
        " ORDER BY uid FOR UPDATE",
        [uids],
    )
    rows = await connection.execute(
        "SELECT stream::text, event_type, data::text FROM event"
        " WHERE category = 'ticket' AND stream = ANY(%s::uuid[]) ORDER BY stream, version",
        [uids],
    )
    states: dict[str, tuple[TicketState, int]] = {}
    for uid, events in groupby(await rows.fetchall(), key=lambda row: row[0]):
        state: TicketState | None = None
        version = 0
        for _, event_type, data in events:
            event: AnyTicketEvent = decode(_EVENTS[event_type], data)
            state, version = evolve(state, event), version + 1
        if state is not None:
            states[uid] = (state, version)
    async with connection.cursor() as cursor:
        await cursor.executemany(
            "INSERT INTO stream (category, uid, version, state) VALUES ('ticket', %s, %s, %s)"
            " ON CONFLICT (category, uid) DO UPDATE SET version = excluded.version,"
            " state = excluded.state",
            [[uid, version, encode(state).decode()] for uid, (state, version) in states.items()],
        )
    present = await parties_with_references(connection, [state for state, _ in states.values()])
    await write_rows(
        connection,
        [
            (numbers[uid], project(state, parties), None)
            for (uid, (state, _)), parties in zip(states.items(), present, strict=True)
        ],
    )
    return len(states), max(numbers.values())
