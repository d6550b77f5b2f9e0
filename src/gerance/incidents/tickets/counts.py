"""The number of tickets by status, agency, purpose, place, intervention and provider.

Without a filter the numbers are read from sums that the write path maintains. With a filter the
tickets are counted, once for each snapshot of the database.
"""

from collections import OrderedDict
from functools import lru_cache
from typing import Any

import msgspec

from gerance.incidents.tickets.search import EVERYTHING, Search, condition
from gerance.kernel import sql_files
from gerance.kernel.db import Connection
from gerance.kernel.fold import place_key
from gerance.kernel.identity.principal import Principal
from gerance.kernel.locks import TALLY, session_lock, try_hold
from gerance.kernel.wire import encode

_SQL = sql_files.load(__name__)

FACETS = ("status", "agencies", "callPurposes", "locations", "interventions", "providers")
_place_key = lru_cache(maxsize=16_384)(place_key)
MOST_VALUES = 100
"""Values shown of a facet at most: the most frequent."""


class Tally(msgspec.Struct, frozen=True):
    """The number of tickets; as JSON, the number for each value of each facet, the most frequent
    first."""

    count: int
    aggregations: bytes


class TallyCache:
    """Cached tallies, each valid for one snapshot of the database. Bounded."""

    def __init__(self, size: int = 512) -> None:
        self._size = size
        self._entries: OrderedDict[Any, tuple[str, Tally]] = OrderedDict()

    def get(self, key: Any, snapshot: str) -> Tally | None:
        entry = self._entries.get(key)
        if entry is None or entry[0] != snapshot:
            return None
        self._entries.move_to_end(key)
        return entry[1]

    def put(self, key: Any, snapshot: str, tally: Tally) -> None:
        self._entries[key] = (snapshot, tally)
        self._entries.move_to_end(key)
        while len(self._entries) > self._size:
            self._entries.popitem(last=False)


async def tally_of(
    connection: Connection, search: Search, principal: Principal, cache: TallyCache
) -> Tally:
    """The tally of what the search finds within the user's reach; exact."""
    rows = await connection.execute("SELECT pg_current_snapshot()::text")
    snapshot = (await rows.fetchall())[0][0]
    key = (principal, search)
    tally = cache.get(key, snapshot)
    if tally is None:
        tally = await _tally(connection, search, principal)
        cache.put(key, snapshot, tally)
    return tally


async def sum_up(connection: Connection, *, at_most: int = 10_000) -> int:
    """Add pending changes to the sums; the number of changes. One process at a time does it."""
    async with connection.transaction():
        if not await try_hold(connection, TALLY):
            return 0
        rows = await connection.execute(_SUM_UP, {"at_most": at_most})
        return int((await rows.fetchall())[0][0])


async def recount(connection: Connection) -> None:
    """Recompute the sums from the tickets, while others write. Call it outside a transaction."""
    # Before the transaction: its snapshot must show what the last to hold the lock has done.
    async with session_lock(connection, TALLY), connection.transaction():
        await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        await connection.execute("DELETE FROM ticket_tally_change")
        await connection.execute("DELETE FROM ticket_tally")
        await connection.execute(_RECOUNT)


_SUMS = (
    "WITH c AS (SELECT gained, lost FROM ticket_tally_change WHERE %(scope)s = ANY(scopes))"
    " SELECT facet, sum(count)::bigint FROM ("
    " SELECT facet, count FROM ticket_tally WHERE scope = %(scope)s"
    " UNION ALL SELECT unnest(gained), 1 FROM c UNION ALL SELECT unnest(lost), -1 FROM c"
    ") all_of_them GROUP BY facet HAVING sum(count) > 0"
)

_SUM_UP = (
    "WITH taken AS (DELETE FROM ticket_tally_change WHERE id IN (SELECT id FROM"
    " ticket_tally_change ORDER BY id LIMIT %(at_most)s) RETURNING scopes, gained, lost),"
    " c AS (SELECT unnest(scopes) AS scope, gained, lost FROM taken),"
    " changes AS (SELECT scope, unnest(gained) AS facet, 1 AS change FROM c"
    " UNION ALL SELECT scope, unnest(lost), -1 FROM c),"
    " summed AS (INSERT INTO ticket_tally (scope, facet, count)"
    " SELECT scope, facet, sum(change) FROM changes GROUP BY scope, facet ORDER BY scope, facet"
    " ON CONFLICT (scope, facet) DO UPDATE SET count = ticket_tally.count + excluded.count)"
    " SELECT count(*) FROM taken"
)

_FACETS_OF_TICKET = (
    "ARRAY['status:' || CASE WHEN closed THEN 'CLOSED' ELSE 'OPENED' END,"
    " 'callPurposes:' || purpose, 'locations:' || city, 'interventions:' || intervention::text]"
    " || ARRAY(SELECT 'agencies:' || a FROM unnest(agencies) a)"
    " || CASE WHEN provider IS NOT NULL THEN ARRAY['providers:' || provider] ELSE '{}' END"
)
_SCOPES_OF_TICKET = (
    "ARRAY(SELECT DISTINCT s FROM unnest(ARRAY['', call_center::text, company::text,"
    " holding::text] || agencies::text[]) s WHERE s IS NOT NULL)"
)
_RECOUNT = (
    "INSERT INTO ticket_tally (scope, facet, count)"
    " SELECT scope, facet, sum(n) FROM ("
    "  SELECT scopes, facets, count(*) AS n FROM ("
    f"   SELECT {_SCOPES_OF_TICKET} AS scopes, {_FACETS_OF_TICKET} AS facets FROM ticket"
    "  ) t GROUP BY scopes, facets"
    " ) g, unnest(g.scopes) AS scope, unnest(g.facets) AS facet GROUP BY scope, facet"
)


def _kept_scope(principal: Principal) -> str | None:
    """The scope of the sum that has the user's tickets; None where no single one has."""
    match principal.kind:
        case "superUser":
            return ""
        case "callCenterUser" | "clientAccountManager":
            return principal.company
        case "executive" if len(principal.agencies) == 1:
            return principal.agencies[0]
        case _:
            return None


async def _tally(connection: Connection, search: Search, principal: Principal) -> Tally:
    scope = _kept_scope(principal)
    if search == EVERYTHING and scope is not None:
        rows = await connection.execute(_SUMS, {"scope": scope})
    else:
        where = condition(search, principal)
        rows = await connection.execute(
            _SQL["count_by_facet"].format(condition=where.sql), where.params
        )
    facets: dict[str, list[tuple[str, int]]] = {name: [] for name in FACETS}
    for facet, count in await rows.fetchall():
        name, _, value = facet.partition(":")
        facets[name].append((value, int(count)))
    total = sum(of_status for _, of_status in facets["status"])
    facets["locations"] = _unite(facets["locations"])
    for values in facets.values():
        values.sort(key=lambda value: (-value[1], value[0]))
        del values[MOST_VALUES:]
    return Tally(total, await _aggregations(connection, facets))


def _unite(counts: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """The counts of places, those of one place together under its most frequent spelling."""
    spellings: dict[str, list[tuple[int, str]]] = {}
    for name, count in counts:
        spellings.setdefault(_place_key(name), []).append((-count, name))
    return [
        (min(of_place)[1], -sum(negative for negative, _ in of_place))
        for of_place in spellings.values()
    ]


async def _aggregations(connection: Connection, facets: dict[str, list[tuple[str, int]]]) -> bytes:
    uids = [value for name in ("agencies", "providers") for value, _ in facets[name]]
    rows = await connection.execute(_NAMES, {"uids": uids})
    labels: dict[str, str] = dict(await rows.fetchall())
    return encode(
        {
            name: [
                {"value": value, "count": count}
                | ({"label": labels[value]} if value in labels else {})
                for value, count in values
            ]
            for name, values in facets.items()
        }
    )


_NAMES = (
    "SELECT uid::text, name FROM agency WHERE uid = ANY(%(uids)s::uuid[])"
    " UNION ALL SELECT uid::text, name FROM provider_contact WHERE uid = ANY(%(uids)s::uuid[])"
    " UNION ALL SELECT uid::text, name FROM provider_company WHERE uid = ANY(%(uids)s::uuid[])"
)
