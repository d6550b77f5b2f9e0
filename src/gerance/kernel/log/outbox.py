"""The outbox: which endpoint is still to be told of which event.

Rows are written by the same statement that appends the events (`execute`), so a change and the
promise to tell of it are one: neither is lost without the other.
"""

CHANNEL = "gerance_outbox"
"""Where workers that sleep listen."""

IN_ORDER = "md5({}.category || {}.stream::text)::uuid"
"""SQL, to be filled in with what has the category and the stream of an event: the `stream` of its
row in the outbox. Uids are unique within a category only: rentals have theirs from ids of rows."""

BYTES = "octet_length({}.data::text)"
"""SQL, to be filled in with what has the data of an event: the `bytes` of its row."""

_MEMBERS = (
    "CASE WHEN EXISTS (SELECT FROM subscription WHERE category = %(category)s"
    " AND scope IS NOT NULL) THEN data::jsonb END"
)
"""SQL: the members that scopes are held against, read once, and only where there are scopes."""

OUTBOXED = (
    "outboxed AS (INSERT INTO outbox (endpoint, position, stream, bytes)"
    f" SELECT s.endpoint, a.position, {IN_ORDER.format('s', 'a')}, {BYTES.format('a')}"
    f" FROM (SELECT *, {_MEMBERS} AS members FROM appended OFFSET 0) a"
    " JOIN subscription s ON s.active AND s.category = %(category)s"
    " AND (s.event_types IS NULL OR a.event_type = ANY(s.event_types))"
    " AND (s.scope IS NULL OR a.members @> s.scope) ORDER BY a.position RETURNING 1)"
)
"""SQL, a common table expression over `appended`: one row for each endpoint that wants it."""

WOKEN = (
    f"(SELECT count(pg_notify('{CHANNEL}', '')) FROM sleeper"
    " WHERE until > now() AND EXISTS (SELECT FROM outboxed))"
)
"""SQL, a scalar for the statement that ends with `OUTBOXED`: wakes workers, if some sleep.

A notification takes a lock that all commits share, so none is sent to workers that are awake.
"""
