"""Rebuilds the read models of the incidents from the log, while the server keeps running.

Every aggregate is replayed and its rows are projected. Rows of no stream are removed. Accounts
stay: their passwords are stored nowhere else.
"""

import asyncio
from collections.abc import Callable, Sequence

import psycopg

from gerance.incidents.aggregates import CATEGORIES, replay, rows
from gerance.incidents.tickets.rebuild import rebuild_tickets
from gerance.kernel.db import Connection
from gerance.kernel.log.replay import Logged, RebuildStream, StreamRebuild, replay_category
from gerance.kernel.textarray import register
from gerance.kernel.wire import SafeUUID

_TICKET, _USER = "ticket", "user"


def rebuild(url: str, on_progress: Callable[[int, int], None]) -> None:
    """Rebuild the read models of the migrated database at `url`.

    `on_progress(done, total)` is called as tickets are done. You may interrupt it and run it
    again.
    """
    asyncio.run(_rebuild(url, on_progress))


async def _rebuild(url: str, on_progress: Callable[[int, int], None]) -> None:
    async with await psycopg.AsyncConnection.connect(
        url, autocommit=True, prepare_threshold=None
    ) as connection:
        register(connection.adapters)
        await connection.execute("SET timezone = 'UTC'")
        for category in CATEGORIES:
            if category == _TICKET:
                continue
            await replay_category(connection, category, _making(category))
        await _remove_strays(connection)
        await rebuild_tickets(connection, on_progress)


def _making(category: str) -> RebuildStream:
    def make(uid: SafeUUID, events: Sequence[Logged], stored: str | None) -> StreamRebuild:
        state = _state(category, events, stored)
        return StreamRebuild(state, rows(category, uid, state))

    return make


def _state(category: str, events: Sequence[Logged], stored: str | None) -> bytes:
    """The replayed state.

    A user that the command line added has no first event: its events apply to the stored state.
    """
    first = events[0].event_type
    added_by_operator = category == _USER and not first.endswith("Referenced")
    return replay(
        ((each.event_type, each.data) for each in events),
        category,
        stored if added_by_operator else None,
    )


async def _remove_strays(connection: Connection) -> None:
    for name in CATEGORIES:
        if name == _USER:
            continue
        await connection.execute(
            f"DELETE FROM {name} t WHERE NOT EXISTS"
            f" (SELECT FROM stream s WHERE s.category = '{name}' AND s.uid = t.uid)"
        )
    for table in ("ticket_document", "ticket_search"):
        await connection.execute(
            f"DELETE FROM {table} t WHERE NOT EXISTS"
            " (SELECT FROM ticket WHERE ticket.number = t.number)"
        )
