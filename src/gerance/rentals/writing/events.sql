-- Common table expressions before the events of rows (`append_rows_statement`).
-- `{table}` and `{which}` name the rows `t`, `{properties}` their properties, `{uid}` their stream.

-- name: created
-- New rows, whose streams begin.
rows AS MATERIALIZED (
  SELECT t.id, t.version, {uid} AS uid, json.state, json.state AS data
  FROM {table} t
  CROSS JOIN LATERAL (
    SELECT row_to_json(r)::text AS state FROM (SELECT {properties}) r
  ) json
  WHERE {which}
), opened AS (
  INSERT INTO stream (category, uid, version, state)
  SELECT %(category)s, uid, version, state FROM rows ORDER BY id
)

-- name: changed
-- Rows that changed: the data of an event are the properties with other values than in the stream.
rows AS MATERIALIZED (
  SELECT t.id, t.version, {uid} AS uid, json.state
  FROM {table} t
  CROSS JOIN LATERAL (
    SELECT row_to_json(r)::text AS state FROM (SELECT {properties}) r
  ) json
  WHERE {which}
), changes AS MATERIALIZED (
  SELECT rows.*, (
    SELECT json_object_agg(new.key, new.value)
    FROM json_each(rows.state::json) new
    LEFT JOIN json_each(s.state::json) old ON old.key = new.key
    WHERE new.value::text IS DISTINCT FROM old.value::text
  ) AS data
  FROM rows JOIN stream s ON s.category = %(category)s AND s.uid = rows.uid
), moved AS (
  UPDATE stream s SET version = changes.version, state = changes.state FROM changes
  WHERE s.category = %(category)s AND s.uid = changes.uid
)

-- name: deleted
-- Rows that are about to be deleted, whose streams end.
rows AS MATERIALIZED (
  SELECT t.id, t.version + 1 AS version, {uid} AS uid, json.state, json.state AS data
  FROM {table} t
  CROSS JOIN LATERAL (
    SELECT row_to_json(r)::text AS state FROM (SELECT {properties}) r
  ) json
  WHERE {which}
), ended AS (
  DELETE FROM stream s USING rows
  WHERE s.category = %(category)s AND s.uid = rows.uid
)
