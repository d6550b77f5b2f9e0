"""The statement that appends events, together with everything stored in the same transaction.

`append_statement` stores the changes of a batch of commands: streams, events, read models, outbox.
`append_rows_statement` appends events of rows whose data the database computes.
"""

import re
from collections.abc import Sequence
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
    "appended AS (INSERT INTO event (category, stream, version, ordinal, event_type, process_uid,"
    " sent_date, actor, data{caused_by}) SELECT {values} FROM {source} ORDER BY {order}"
    " RETURNING stream, version, position, event_type, data)"
)
_COMMAND_VALUES = (
    "%(category)s, w.uid, e.version::integer, e.ordinal::smallint, e.event_type,"
    " e.process::uuid, e.sent_date::timestamptz, e.actor::uuid, e.data::json{cause}"
)
_COMMAND_EVENTS = (
    "unnest(%(event_streams)s, %(event_versions)s, %(event_ordinals)s, %(event_types)s,"
    " %(event_processes)s, %(event_dates)s, %(event_actors)s, %(event_data)s{causes})"
    " WITH ORDINALITY"
    " AS e (stream, version, ordinal, event_type, process, sent_date, actor, data{caused_by}, nth)"
    " JOIN written w ON w.uid = e.stream::uuid"
)
_ROW_VALUES = (
    "%(category)s, e.uid, e.version, 0, %(event_type)s, {process}, %(now)s,"
    " %(actor)s::uuid, e.data::json, %(caused_by)s::bigint"
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
    cause = _WITH_CAUSE if with_cause else _WITHOUT_CAUSE
    appended = _INSERT_EVENTS.format(
        caused_by=cause["caused_by"],
        values=_COMMAND_VALUES.format(**cause),
        source=_COMMAND_EVENTS.format(**cause),
        order="e.nth",
    )
    parts = [
        f"decided AS ({_CHANGES})",
        f"opened AS ({_INSERT_STREAMS})",
        f"moved AS ({_UPDATE_STREAMS})",
        "written AS (SELECT uid FROM opened UNION ALL SELECT uid FROM moved)",
        appended,
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


def append_rows_statement(
    parts: Sequence[str], source: str, result: str, process: str = "%(process)s::uuid"
) -> str:
    """The statement that appends an event for each row that the database itself has changed.

    `parts`: the common table expressions before it; `source`: the relation whose rows `e` have the
    columns `id`, `uid`, `version` and `data`; `process`: SQL of the process uid of such a row;
    `result`: what it selects, from `appended` and `parts`. Its parameters are those of
    `_ROW_VALUES`.
    """
    appended = _INSERT_EVENTS.format(
        caused_by=", caused_by",
        values=_ROW_VALUES.format(process=process),
        source=source,
        order="e.id",
    )
    return f"WITH {', '.join([*parts, appended, OUTBOXED])} SELECT {result} WHERE {WOKEN} >= 0"


def _rows(nth: int, casts: tuple[tuple[str, str], ...]) -> str:
    names = [name for name, _ in casts]
    values = ", ".join(f"n.{name}::{kind} AS {name}" for name, kind in casts)
    arrays = ", ".join(f"%(p{nth}_{name})s" for name in ("stream", *names))
    return (
        f"(SELECT w.uid AS stream, {values} FROM unnest({arrays}) AS n (stream, {', '.join(names)})"
        " JOIN written w ON w.uid = n.stream::uuid)"
    )
