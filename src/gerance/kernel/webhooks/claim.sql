-- Statements that read the outbox. A ready row is not parked and its `due` is a moment; a new row
-- is not parked and its `due` is -infinity. Both are read along the index outbox_due: a condition
-- `due = '-infinity'` would leave the planner the primary key.
--
-- Whether another row of its stream precedes a row takes one step into the index outbox_stream, at
-- the row itself.

-- name: claim_rows
-- Claim rows until `lease`, those of the least busy endpoints first. Gives each row that was read,
-- with its event and endpoint where it was claimed. A worker that counts the same rate waits its
-- turn: the rows of endpoints that have a rate are locked.
WITH free AS MATERIALIZED (
    SELECT e.uid,
        coalesce(b.room, %(most)s) AS room,
        coalesce(%(most)s - b.room, 0) AS busy,
        coalesce(m.position, 0) AS mark
    FROM endpoint e
    LEFT JOIN unnest(%(busy)s::uuid[], %(rooms)s::integer[]) AS b (uid, room) ON b.uid = e.uid
    LEFT JOIN unnest(%(marked)s::uuid[], %(marks)s::bigint[]) AS m (uid, position)
        ON m.uid = e.uid
    WHERE e.state = 'active'
        AND e.held <= %(now)s
        AND coalesce(b.room, %(most)s) > 0
        AND e.flavour = ANY(%(flavours)s)
        AND e.rate IS NULL
), limited AS MATERIALIZED (
    SELECT e.uid,
        least(
            coalesce(b.room, %(most)s),
            floor(
                extract(epoch FROM %(now)s - greatest(
                    e.spent,
                    %(now)s - make_interval(secs => greatest(1 / e.rate, %(burst_seconds)s))
                )) * e.rate + 1e-6
            )::integer
        ) AS room,
        coalesce(%(most)s - b.room, 0) AS busy,
        coalesce(m.position, 0) AS mark
    FROM endpoint e
    LEFT JOIN unnest(%(busy)s::uuid[], %(rooms)s::integer[]) AS b (uid, room) ON b.uid = e.uid
    LEFT JOIN unnest(%(marked)s::uuid[], %(marks)s::bigint[]) AS m (uid, position)
        ON m.uid = e.uid
    WHERE e.state = 'active'
        AND e.held <= %(now)s
        AND coalesce(b.room, %(most)s) > 0
        AND e.flavour = ANY(%(flavours)s)
        AND e.rate IS NOT NULL
        AND (
            (
                SELECT o.position FROM outbox o
                WHERE o.endpoint = e.uid
                    AND NOT o.parked
                    AND o.due > %(since)s::timestamptz
                    AND o.due <= %(now)s
                ORDER BY o.due, o.position LIMIT 1
            ) IS NOT NULL
            OR (
                SELECT o.position FROM outbox o
                WHERE o.endpoint = e.uid
                    AND NOT o.parked
                    AND (o.due, o.position) > ('-infinity', coalesce(m.position, 0))
                    AND o.due <= '-infinity'
                ORDER BY o.due, o.position LIMIT 1
            ) IS NOT NULL
        )
    FOR NO KEY UPDATE OF e SKIP LOCKED
), looked AS MATERIALIZED (
    SELECT p.*
    FROM (SELECT * FROM (TABLE free UNION ALL TABLE limited) each ORDER BY busy) r
    CROSS JOIN LATERAL (
        SELECT * FROM (
            SELECT o.endpoint, o.position, o.ctid AS row, o.bytes, false AS new, true AS first
            FROM outbox o
            WHERE o.endpoint = r.uid
                AND NOT o.parked
                AND o.due > %(since)s::timestamptz
                AND o.due <= %(now)s
            ORDER BY o.due, o.position LIMIT greatest(r.room, 0)
            FOR UPDATE SKIP LOCKED
        ) ready
        UNION ALL
        SELECT n.endpoint, n.position, n.row, n.bytes, true,
            (
                SELECT f.position FROM outbox f
                WHERE f.endpoint = n.endpoint
                    AND (f.stream, f.position) < (n.stream, n.position)
                    AND f.stream >= n.stream
                ORDER BY f.stream DESC, f.position DESC LIMIT 1
            ) IS NULL
        FROM (
            SELECT o.endpoint, o.position, o.ctid AS row, o.bytes, o.stream FROM outbox o
            WHERE o.endpoint = r.uid
                AND NOT o.parked
                AND (o.due, o.position) > ('-infinity', r.mark)
                AND o.due <= '-infinity'
            ORDER BY o.due, o.position LIMIT greatest(r.room, 0)
            FOR UPDATE SKIP LOCKED
        ) n
        LIMIT greatest(r.room, 0)
    ) p
    LIMIT %(together)s
), bounded AS MATERIALIZED (
    SELECT endpoint, row
    FROM (
        SELECT *, sum(bytes) OVER (ROWS UNBOUNDED PRECEDING) - bytes AS before
        FROM looked WHERE first
    ) p
    WHERE before < %(most_bytes)s
), taken AS (
    UPDATE outbox SET due = %(lease)s, claims = claims + 1
    WHERE ctid = ANY(ARRAY(SELECT row FROM bounded))
    RETURNING endpoint, position, failures, claims
), spent AS (
    UPDATE endpoint e
    SET spent = greatest(
            e.spent,
            %(now)s - make_interval(secs => greatest(1 / e.rate, %(burst_seconds)s))
        ) + make_interval(secs => c.calls / e.rate)
    FROM (SELECT endpoint, count(*) AS calls FROM bounded GROUP BY 1) c
    WHERE e.uid = c.endpoint AND e.rate IS NOT NULL
)
SELECT l.endpoint::text, l.position, l.new, l.first, t.failures, t.claims,
    v.category, v.stream::text, v.event_type, v.data::text, v.sent_date,
    e.flavour, e.owner, e.url, e.headers::text, e.choice::text, e.secret,
    CASE WHEN e.previous_until > %(now)s THEN e.previous_secret END, e.rate
FROM looked l
LEFT JOIN (
    taken t
    JOIN endpoint e ON e.uid = t.endpoint
    CROSS JOIN LATERAL (SELECT * FROM event WHERE event.position = t.position LIMIT 1) v
) ON t.endpoint = l.endpoint AND t.position = l.position
ORDER BY l.position;

-- name: park_rows
-- Park the first `most` new rows of each endpoint that have another row of their stream in front.
UPDATE outbox SET parked = true
WHERE ctid = ANY(ARRAY(
    SELECT n.row
    FROM unnest(%(behind)s::uuid[], %(marks)s::bigint[]) AS b (uid, mark)
    CROSS JOIN LATERAL (
        SELECT o.endpoint, o.position, o.stream, o.ctid AS row FROM outbox o
        WHERE o.endpoint = b.uid
            AND NOT o.parked
            AND (o.due, o.position) > ('-infinity', b.mark)
            AND o.due <= '-infinity'
        ORDER BY o.due, o.position LIMIT %(most)s
        FOR UPDATE SKIP LOCKED
    ) n
    WHERE (
        SELECT f.position FROM outbox f
        WHERE f.endpoint = n.endpoint
            AND (f.stream, f.position) < (n.stream, n.position)
            AND f.stream >= n.stream
        ORDER BY f.stream DESC, f.position DESC LIMIT 1
    ) IS NOT NULL
));

-- name: remove_orphans
-- Remove the rows of endpoints that do not exist any more.
WITH RECURSIVE pending AS (
    (SELECT endpoint FROM outbox ORDER BY endpoint LIMIT 1)
    UNION ALL
    SELECT n.endpoint
    FROM pending
    CROSS JOIN LATERAL (
        SELECT o.endpoint FROM outbox o
        WHERE o.endpoint > pending.endpoint
        ORDER BY o.endpoint LIMIT 1
    ) n
)
DELETE FROM outbox
WHERE ctid = ANY(ARRAY(
    SELECT o.ctid FROM pending JOIN outbox o ON o.endpoint = pending.endpoint
    WHERE NOT EXISTS (SELECT FROM endpoint e WHERE e.uid = pending.endpoint)
    FOR UPDATE OF o SKIP LOCKED
));
