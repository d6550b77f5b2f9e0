"""The statement that writes a batch of decided commands: rows, events, read tables, outbox."""

import re
from functools import lru_cache
from typing import NamedTuple

from gerance.kernel.log.outbox import OUTBOXED, WOKEN

Shape = tuple[str, tuple[tuple[str, str], ...]]
"""A projection's SQL and the casts of its columns."""

_NAMED = re.compile(r"%\((\w+)\)s")

_DECIDED = (
    "SELECT d.stream::uuid, d.expected::integer, d.row::xid, d.version::integer, d.state FROM"
    " unnest(%(streams)s, %(expected)s, %(rows)s, %(versions)s, %(states)s)"
    " AS d (stream, expected, row, version, state)"
)
_OPENED = (
    "INSERT INTO stream (category, uid, version, state)"
    " SELECT %(category)s, d.stream, d.version, d.state FROM decided d WHERE d.expected = 0"
    " ON CONFLICT DO NOTHING RETURNING uid"
)
_MOVED = (
    "UPDATE stream SET version = d.version, state = d.state FROM decided d"
    " WHERE stream.category = %(category)s AND stream.uid = d.stream"
    " AND stream.version = d.expected AND stream.xmin = d.row RETURNING stream.uid"
)
_APPENDED = (
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
_UNCAUSED = {"caused_by": "", "cause": "", "causes": ""}
_CAUSED = {
    "caused_by": ", caused_by",
    "cause": ", e.caused_by::bigint",
    "causes": ", %(event_causes)s",
}


class Statement(NamedTuple):
    """SQL with `$1` ..., and the names of its parameters in that order."""

    sql: str
    names: tuple[str, ...]


@lru_cache(maxsize=1024)
def write_statement(shapes: tuple[Shape, ...], *, caused: bool = False) -> Statement:
    """The statement for these projections; it answers (stream, last position) of what it wrote.

    `caused`: some of the events have a cause. Most batches have none, and do not carry it.
    """
    appended = _APPENDED.format(**(_CAUSED if caused else _UNCAUSED))
    parts = [
        f"decided AS ({_DECIDED})",
        f"opened AS ({_OPENED})",
        f"moved AS ({_MOVED})",
        "written AS (SELECT uid FROM opened UNION ALL SELECT uid FROM moved)",
        f"appended AS ({appended})",
        OUTBOXED,
    ]
    for nth, (sql, casts) in enumerate(shapes):
        parts.append(f"projection_{nth} AS ({sql.format(rows=_rows(nth, casts))})")
    named = (
        f"WITH {', '.join(parts)} SELECT stream::text, max(position) FROM appended"
        f" WHERE {WOKEN} >= 0 GROUP BY stream"
    )
    names = tuple(dict.fromkeys(_NAMED.findall(named)))
    numbers = {name: number for number, name in enumerate(names, start=1)}
    return Statement(_NAMED.sub(lambda name: f"${numbers[name[1]]}", named), names)


def _rows(nth: int, casts: tuple[tuple[str, str], ...]) -> str:
    names = [name for name, _ in casts]
    values = ", ".join(f"n.{name}::{kind} AS {name}" for name, kind in casts)
    arrays = ", ".join(f"%(p{nth}_{name})s" for name in ("stream", *names))
    return (
        f"(SELECT w.uid AS stream, {values} FROM unnest({arrays}) AS n (stream, {', '.join(names)})"
        " JOIN written w ON w.uid = n.stream::uuid)"
    )
