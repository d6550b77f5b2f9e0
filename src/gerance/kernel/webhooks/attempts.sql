-- Recording the attempts of deliveries.

-- name: record_attempts
-- Record attempts: remove delivered rows, unpark the rows behind them, postpone failed ones, write
-- the delivery log, and update the health of the endpoints that were locked. Gives the endpoints
-- that have failed since before `hopeless`. `columns`, `arrays` and `names` describe
-- the attempts, `log` the columns of the log; `unpark` is UNPARK_NEXT.
WITH told AS MATERIALIZED (
    SELECT {columns} FROM unnest({arrays}) AS t ({names})
), mine AS MATERIALIZED (
    SELECT o.row, t.endpoint, o.stream, t.position, t.outcome, t.due
    FROM told t
    CROSS JOIN LATERAL (
        SELECT ctid AS row, stream FROM outbox
        WHERE outbox.endpoint = t.endpoint
            AND outbox.position = t.position
            AND outbox.claims = t.claims
        LIMIT 1
        FOR UPDATE
    ) o
), settled AS (
    SELECT * FROM mine WHERE outcome IN ('delivered', 'withheld')
), gone AS (
    DELETE FROM outbox WHERE ctid = ANY(ARRAY(SELECT row FROM settled))
), following AS (
    {unpark}
), late AS (
    -- A new number of claims: a repeated result of this attempt changes nothing.
    UPDATE outbox
    SET due = coalesce(m.due, 'infinity'), failures = failures + 1, claims = claims + 1
    FROM mine m
    WHERE outbox.ctid = m.row AND m.outcome IN ('failed', 'dead')
), logged AS (
    INSERT INTO delivery ({log}) SELECT {log} FROM told WHERE outcome <> 'withheld'
), met AS (
    SELECT endpoint, bool_or(outcome = 'delivered') AS well, min(at) AS at, max(held) AS held
    FROM told WHERE outcome <> 'withheld'
    GROUP BY endpoint
), changed AS MATERIALIZED (
    SELECT e.uid, met.well, met.at, met.held
    FROM endpoint e JOIN met ON e.uid = met.endpoint
    WHERE e.uid = ANY(%(locked)s::uuid[])
), recovered AS (
    -- An endpoint that accepts some deliveries may still request a pause with others.
    UPDATE endpoint e SET failing_since = NULL, held = greatest(e.held, c.held)
    FROM changed c WHERE e.uid = c.uid AND c.well
), failing AS (
    UPDATE endpoint e
    SET failing_since = coalesce(e.failing_since, c.at), held = greatest(e.held, c.held)
    FROM changed c WHERE e.uid = c.uid AND NOT c.well
    RETURNING e.uid, e.failing_since
)
SELECT uid::text FROM failing WHERE failing_since <= %(hopeless)s;
