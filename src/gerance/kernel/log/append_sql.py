"""The statement that stores the changes of a batch: streams, events, read tables, outbox."""

import re
from functools import lru_cache
from typing import NamedTuple

from gerance.kernel.log.outbox import OUTBOXED, WOKEN

ProjectionShape = tuple[str, tuple[tuple[str, str], ...]]
"""A projection's SQL and the casts of its columns."""

_PARAMETER = re.compile(r"%\((\w+)\)s")

_CHANGES = (
    "SELECT d.stream::uuid, d.expected::integer, d.row::xid, d.version::integer, d.state FROM"
    " unnest(%(streams)s, %(expected)s, %(rows)s, %(versions)s, %(states)s)"
    " AS d (stream, expected, row, version, state)"
)
_INSERT_STREAMS = (
    "INSERT INTO stream (category, uid, version, state)"
    " SELECT %(category)s, d.stream, d.version, d.state FROM decided d WHERE d.expected = 0"
    " ON CONFLICT DO NOTHING RETURNING uid"
)
_UPDATE_STREAMS = (
    "UPDATE stream SET version = d.version, state = d.state FROM decided d"
    " WHERE stream.category = %(category)s AND stream.uid = d.stream"
    " AND stream.version = d.expected AND stream.xmin = d.row RETURNING stream.uid"
)
_INSERT_EVENTS = (
    "INSERT INTO event (category, stream, version, ordinal, event_type, process_uid, sent_date,"
    " actor, data{caused_by})"
    " SELECT %(category)s, w.uid, e.version::integer, e.ordinal::smallint, e.event_type,"
    " e.process::uuid, e.sent_date::timestamptz, e.actor::uuid, e.data::json{cause}"
    " FROM unnest(%(event_streams)s, %(event_versions)s, %(event_ordinals)s, %(event_types)s,"
    " %(event_processes)s, %(event_dates)s, %(event_actors)s, %(event_data)s{causes})"
    " WITH ORDINALITY"
    " AS e (stream, version, ordinal, event_type, process, sent_date, actor, data{caused_by}, nth)"
    " JOIN written w ON w.uid = e.stream::uuid ORDER BY e.nth"
    " RETURNING stream, version, position, event_type, data"
)
_WITHOUT_CAUSE = {"caused_by": "", "cause": "", "causes": ""}
_WITH_CAUSE = {
    "caused_by": ", caused_by",
    "cause": ", e.caused_by::bigint",
    "causes": ", %(event_causes)s",
}


class AppendStatement(NamedTuple):
    """SQL with `$1` ..., and the names of its parameters in that order."""

    sql: str
    names: tuple[str, ...]


@lru_cache(maxsize=1024)
def append_statement(
    shapes: tuple[ProjectionShape, ...], *, with_cause: bool = False
) -> AppendStatement:
    """The statement for these projections. It returns the last position of each stored stream.

    `with_cause`: some of the events have a cause. Most batches have none and omit the column.
    """
    insert_events = _INSERT_EVENTS.format(**(_WITH_CAUSE if with_cause else _WITHOUT_CAUSE))
    parts = [
        f"decided AS ({_CHANGES})",
        f"opened AS ({_INSERT_STREAMS})",
        f"moved AS ({_UPDATE_STREAMS})",
        "written AS (SELECT uid FROM opened UNION ALL SELECT uid FROM moved)",
        f"appended AS ({insert_events})",
        OUTBOXED,
    ]
    for nth, (sql, casts) in enumerate(shapes):
        parts.append(f"projection_{nth} AS ({sql.format(rows=_rows(nth, casts))})")
    text = (
        f"WITH {', '.join(parts)} SELECT stream::text, max(position) FROM appended"
        f" WHERE {WOKEN} >= 0 GROUP BY stream"
    )
    names = tuple(dict.fromkeys(_PARAMETER.findall(text)))
    numbers = {name: number for number, name in enumerate(names, start=1)}
    return AppendStatement(_PARAMETER.sub(lambda name: f"${numbers[name[1]]}", text), names)


def _rows(nth: int, casts: tuple[tuple[str, str], ...]) -> str:
    names = [name for name, _ in casts]
    values = ", ".join(f"n.{name}::{kind} AS {name}" for name, kind in casts)
    arrays = ", ".join(f"%(p{nth}_{name})s" for name in ("stream", *names))
    return (
        f"(SELECT w.uid AS stream, {values} FROM unnest({arrays}) AS n (stream, {', '.join(names)})"
        " JOIN written w ON w.uid = n.stream::uuid)"
    )
