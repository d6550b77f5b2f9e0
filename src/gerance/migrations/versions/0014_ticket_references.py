"""Short references of tickets, for those that exist as well.

Existing tickets get theirs in batches, each a transaction of its own: memory and locks do not grow
with their number, and commands on other tickets go on. An interrupted run continues with the
tickets that have none.
"""

import psycopg
from alembic import op

from gerance.migrations.sqlfile import run

revision = "0014_ticket_references"
down_revision = "0013_daily_job"
branch_labels = None
depends_on = None

BATCH = 500

_NEXT = """
SELECT array_agg(t.uid), max(t.number) FROM (
  SELECT number, uid FROM ticket WHERE number > %s ORDER BY number LIMIT %s) t
"""
# In the order in which every transaction locks streams. A command that is being executed on one of
# them finds its row changed, and is executed again.
_LOCK = """
WITH locked AS (SELECT uid FROM stream WHERE category = 'ticket' AND uid = ANY(%(uids)s)
  ORDER BY uid FOR UPDATE)
UPDATE stream SET version = version FROM locked
WHERE stream.category = 'ticket' AND stream.uid = locked.uid
"""
_REFER = """
INSERT INTO ticket_reference (ticket, series, ref)
SELECT t.uid, t.series, ticket_reference_for(t.uid, t.series, t.year) FROM (
  SELECT ticket.uid, coalesce(ticket.call_center, ticket.company) AS series,
    extract(year FROM event.sent_date AT TIME ZONE 'UTC')::integer AS year
  FROM ticket JOIN event ON event.position = ticket.number
  WHERE ticket.uid = ANY(%(uids)s) ORDER BY ticket.number) t
ON CONFLICT (ticket) DO NOTHING
"""
_SHOW = """
UPDATE ticket_document d SET
  listed = replace(d.listed, '"ref":"' || t.uid || '"', '"ref":"' || r.ref || '"'),
  parties = left(d.parties, -1) || ',"ref":"' || r.ref || '"}'
FROM ticket t JOIN ticket_reference r ON r.ticket = t.uid
WHERE t.uid = ANY(%(uids)s) AND d.number = t.number
  AND d.parties::json ->> 'ref' IS DISTINCT FROM r.ref
"""
_FIND = """
UPDATE ticket_search s SET words = s.words || array_to_tsvector(string_to_array(r.ref, '-'))
FROM ticket t JOIN ticket_reference r ON r.ticket = t.uid
  JOIN ticket_document d ON d.number = t.number
WHERE t.uid = ANY(%(uids)s) AND s.number = t.number
  AND strpos(d.listed, '"ref":"' || r.ref || '"') > 0
"""


def upgrade() -> None:
    """Add the tables, then give each ticket its reference."""
    run("0014_ticket_references.sql")
    with op.get_context().autocommit_block():
        driver = op.get_bind().connection.driver_connection
        assert isinstance(driver, psycopg.Connection)
        last = 0
        while True:
            row = driver.execute(_NEXT, [last, BATCH]).fetchone()
            if row is None or row[0] is None:
                return
            uids, last = row
            with driver.transaction():
                for statement in (_LOCK, _REFER, _SHOW, _FIND):
                    driver.execute(statement, {"uids": uids})
