"""The outbox: the pending deliveries of each endpoint.

The statement that appends events also inserts the rows of the outbox, so an event and its
deliveries are stored together or not at all.
"""

CHANNEL = "gerance_outbox"
"""The PostgreSQL channel on which idle workers listen."""

IN_ORDER = "md5({}.category || {}.stream::text)::uuid"
"""SQL template: the `stream` of an outbox row, from the table aliases that have the category and
the stream of its event. Uids are unique only within a category: those of rentals come from row
ids."""

BYTES = "octet_length({}.data::text)"
"""SQL template: the `bytes` of an outbox row, from the table alias that has the data of its
event."""

_MEMBERS = (
    "CASE WHEN EXISTS (SELECT FROM subscription WHERE category = %(category)s"
    " AND scope IS NOT NULL) THEN data::jsonb END"
)
"""SQL: the data of an event for the comparison with scopes; NULL where no subscription has one."""

OUTBOXED = (
    "outboxed AS (INSERT INTO outbox (endpoint, position, stream, bytes)"
    f" SELECT s.endpoint, a.position, {IN_ORDER.format('s', 'a')}, {BYTES.format('a')}"
    f" FROM (SELECT *, {_MEMBERS} AS members FROM appended OFFSET 0) a"
    " JOIN subscription s ON s.active AND s.category = %(category)s"
    " AND (s.event_types IS NULL OR a.event_type = ANY(s.event_types))"
    " AND (s.scope IS NULL OR a.members @> s.scope) ORDER BY a.position RETURNING 1)"
)
"""SQL, a common table expression over `appended`: one row for each endpoint that is subscribed."""

WOKEN = (
    f"(SELECT count(pg_notify('{CHANNEL}', '')) FROM sleeper"
    " WHERE until > now() AND EXISTS (SELECT FROM outboxed))"
)
"""SQL, a scalar for the statement that ends with `OUTBOXED`: notifies idle workers, if there are
any.

A notification takes a lock that all commits share, so busy workers are not notified.
"""
