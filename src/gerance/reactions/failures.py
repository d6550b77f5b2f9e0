"""Failed reactions, for operators."""

from typing import Any

from psycopg.rows import dict_row

from gerance.kernel.db import Connection
from gerance.rentals.writing.events import entity_id

MOST = 200

_NEWEST = (
    "SELECT f.at, f.reaction, f.code, f.message, f.position, e.category, e.stream::text"
    ' AS stream, e.event_type AS "eventType"'
    " FROM reaction_failure f LEFT JOIN event e USING (position)"
    " ORDER BY f.position DESC, f.reaction LIMIT %s"
)


async def newest_failures(connection: Connection) -> list[dict[str, Any]]:
    """The last `MOST` failures, newest first.

    Each has its time, the reaction, the subject (`ServiceCalls(7)`, `Tickets(...)`), code and
    reason.
    """
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(_NEWEST, [MOST])
        failures = await cursor.fetchall()
    for each in failures:
        category, stream = each.pop("category"), each.pop("stream")
        each["of"] = f"Tickets({stream})"
        if category == "ServiceCall":
            each["of"] = f"ServiceCalls({entity_id(stream)})"
    return failures
