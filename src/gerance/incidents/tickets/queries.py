"""Reads of tickets: pages, exports, statistics, details, and the feed of their events."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from psycopg.adapt import Loader
from psycopg.pq import Format

from gerance.incidents.editions import edition_of, readable_types, shape_events
from gerance.incidents.rights import Condition
from gerance.incidents.tickets.documents import detailed
from gerance.incidents.tickets.events import AnyTicketEvent
from gerance.incidents.tickets.older_views import older_detail, older_exported, older_list
from gerance.incidents.tickets.search import Search, condition, day_start
from gerance.incidents.tickets.state import Parties, TicketState
from gerance.kernel.db import Connection
from gerance.kernel.http.ranges import Range
from gerance.kernel.identity.principal import Principal
from gerance.kernel.log.eventlog import STABLE
from gerance.kernel.months import add_months, month_start
from gerance.kernel.wire import DateTime, day_of, encode, tags

EXPORT_BATCH = 500
EXPORT_JSON = "'{' || d.listed || ',' || d.exported || '}'"
"""SQL: the JSON of an ExportedTicket, from the row `d` of `ticket_document`."""


_EVENT_TYPES = tags(AnyTicketEvent)


class _Bytes(Loader):
    """A text column as the bytes that the database sent."""

    format = Format.BINARY

    def load(self, data: Any) -> bytes:
        return bytes(data)


async def page(
    connection: Connection, search: Search, principal: Principal, page_range: Range
) -> bytes:
    """The selected tickets as TicketQueryViews, comma-separated JSON; the latest opened first."""
    where = condition(search, principal)
    rows = await connection.execute(
        "SELECT string_agg('{' || d.listed || '}', ',' ORDER BY d.number DESC) FROM"
        f" (SELECT ticket.number FROM ticket WHERE {where.sql}"
        " ORDER BY ticket.number DESC OFFSET %(first)s LIMIT %(limit)s) t"
        " JOIN ticket_document d USING (number)",
        {**where.params, "first": page_range.first, "limit": page_range.limit},
    )
    tickets: bytes = ((await rows.fetchall())[0][0] or "").encode()
    return older_list(tickets) if edition_of(principal) == "2017" else tickets


async def export(
    connection: Connection,
    search: Search,
    principal: Principal,
    page_range: Range,
    *,
    timeout_ms: int,
) -> AsyncGenerator[bytes, None]:
    """The selected tickets as an ExportedTickets response, in pieces; the latest opened first.

    All pieces are of one snapshot. `timeout_ms` bounds each statement, 0 none.
    """
    where = condition(search, principal)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(connection.transaction())
        await connection.execute(
            "SELECT set_config('statement_timeout', %s, true)", [str(timeout_ms)]
        )
        cursor = connection.cursor("export")
        cursor.format = Format.BINARY
        cursor.adapters.register_loader("text", _Bytes)
        # To its end, also when the client goes just then.
        stack.push_async_callback(lambda: asyncio.shield(cursor.close()))
        await cursor.execute(
            f"SELECT {EXPORT_JSON} FROM ticket JOIN ticket_document d USING (number)"
            f" WHERE {where.sql} ORDER BY ticket.number DESC OFFSET %(first)s LIMIT %(limit)s",
            {**where.params, "first": page_range.first, "limit": page_range.limit},
        )
        start, is_older = b'{"result":[', edition_of(principal) == "2017"
        while rows := await cursor.fetchmany(EXPORT_BATCH):
            tickets = (row[0] for row in rows)
            yield start + b",".join(map(older_exported, tickets) if is_older else tickets)
            start = b","
        yield b"]}" if start == b"," else start + b"]}"


async def detail(
    connection: Connection, uid: str, principal: Principal, zone: ZoneInfo, server: str
) -> bytes | None:
    """The ticket as DetailedTicketView, or None: unknown or out of the user's reach.

    `server`: the URL that links begin with.
    """
    where = condition(Search(), principal)
    rows = await connection.execute(
        "SELECT s.state, d.parties FROM ticket JOIN ticket_document d USING (number)"
        " JOIN stream s ON s.category = 'ticket' AND s.uid = ticket.uid"
        f" WHERE ticket.uid = %(uid)s::uuid AND {where.sql}",
        {**where.params, "uid": uid},
    )
    row = await rows.fetchone()
    if row is None:
        return None
    view = detailed(TicketState.load(row[0]), Parties.load(row[1]), zone, server)
    return older_detail(view) if edition_of(principal) == "2017" else view


async def statistics(
    connection: Connection, search: Search, principal: Principal, zone: ZoneInfo, count: int
) -> bytes:
    """TicketStats of the `count` tickets that the search finds, as JSON.

    lastSevenDays: opened in the last 7 x 24 hours; lastMonth: in the previous calendar month;
    currentMonth: in this one; byDay: tickets per day, from the day of the first to today.
    """
    where = condition(search, principal)
    now = datetime.now(zone)
    week, month = now - timedelta(days=7), month_start(now.date())
    last_month = day_start(add_months(month, -1), zone)
    rows = await connection.execute(
        "SELECT count(*) FILTER (WHERE ticket.opened > %(week)s),"
        " count(*) FILTER (WHERE ticket.opened < %(month)s),"
        " count(*) FILTER (WHERE ticket.opened >= %(month)s),"
        f" (SELECT min(ticket.opened) FROM ticket WHERE {where.sql}) FROM ticket"
        f" WHERE ticket.opened >= %(last_month)s AND ticket.opened <= %(now)s AND {where.sql}",
        {
            **where.params,
            "now": now,
            "week": week,
            "month": day_start(month, zone),
            "last_month": last_month,
        },
    )
    of_week, of_last_month, of_month, first = (await rows.fetchall())[0]
    days = 1 if first is None else max(1, (now.date() - day_of(first, zone)).days + 1)
    by_day = round(count / days, 2)
    return encode(
        {
            "newTickets": {
                "lastSevenDays": of_week,
                "lastMonth": of_last_month,
                "currentMonth": of_month,
            },
            "ticketCreationFrequency": {"byDay": int(by_day) if by_day.is_integer() else by_day},
        }
    )


def _feed(principal: Principal, start: DateTime, end: DateTime) -> Condition:
    where = condition(Search(), principal)
    restriction = "" if where.sql == "true" else (
        " AND EXISTS (SELECT FROM ticket WHERE ticket.uid = event.stream"
        f" AND {where.sql})"
    )  # fmt: skip
    types = readable_types(principal, _EVENT_TYPES)
    readable = "" if types is None else " AND event.event_type = ANY(%(types)s::text[])"
    return Condition(
        "event.category = 'ticket' AND event.sent_date BETWEEN %(start)s AND %(end)s"
        f" AND {STABLE}{restriction}{readable}",
        {**where.params, "start": start.moment, "end": end.moment, "types": types},
    )


async def feed(
    connection: Connection, principal: Principal, start: DateTime, end: DateTime, page_range: Range
) -> tuple[int, bytes]:
    """The number of events sent from `start` to `end`, both included, and the selected ones.

    In the order of `sentDate`, then of the log; comma-separated JSON.
    """
    which = _feed(principal, start, end)
    rows = await connection.execute(
        f"SELECT (SELECT count(*) FROM event WHERE {which.sql}), e.event_type, e.data::text"
        " FROM (SELECT) always LEFT JOIN"
        f" (SELECT event_type, data, sent_date, position FROM event WHERE {which.sql}"
        " ORDER BY event.sent_date, event.position OFFSET %(first)s LIMIT %(limit)s) e ON true"
        " ORDER BY e.sent_date, e.position",
        {**which.params, "first": page_range.first, "limit": page_range.limit},
    )
    page = await rows.fetchall()
    events = [(kind, data.encode()) for _, kind, data in page if kind is not None]
    shaped = await shape_events(connection, principal, events)
    return page[0][0], b",".join(each[1] for each in shaped if each is not None)
