"""Explains each statement that the application executes, where it executes it.

Twice, and both are undone: with a plan made for its parameters after ANALYZE, and with the worst
plan that it may get: a generic one where it may be prepared, on tables that nobody has analysed.
What is compared is the work: the pages and rows that it touches, not the time that it takes.
"""

import json
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import psycopg
import pytest
from psycopg import sql
from psycopg.pq import ExecStatus, TransactionStatus

from gerance.kernel.odata.respond import collection
from gerance.kernel.odata.sql.statements import Statement
from gerance.kernel.plans import needs_own_plan
from gerance.kernel.textarray import TextArray

MOST_TIMES = 3
"""Executions of one statement that are explained."""

_EXPLAINED = re.compile(rb"\s*(SELECT|WITH|INSERT|UPDATE|DELETE)\b", re.IGNORECASE)
_KEPT_BY_SESSION = re.compile(rb"advisory|set_config|pg_current_snapshot")
_NAME = re.compile(rb"\b[a-z_]+\b")
_FORGET = """
WITH r AS (SELECT c.oid FROM pg_class c LEFT JOIN pg_index i ON i.indexrelid = c.oid
  JOIN pg_class t ON t.oid = coalesce(i.indrelid, c.oid)
  WHERE t.relnamespace::regnamespace::text IN ('public', 'rentals') AND t.relname IN ({names})),
gone AS (DELETE FROM pg_statistic WHERE starelid IN (SELECT oid FROM r))
UPDATE pg_class SET reltuples = -1, relpages = 0, relallvisible = 0 WHERE oid IN (SELECT oid FROM r)
"""


class Explained(NamedTuple):
    """The work of an execution: with the best plan, which had so many `rows` in its largest step,
    and with the worst. A page counts as one, and so do 100 rows of a step."""

    best: int
    rows: int
    worst: int
    plan: str


class Explaining:
    """What was explained, by the text of the statement; `failed`: those that could not be."""

    def __init__(self) -> None:
        self.statements: dict[str, list[Explained]] = {}
        self.failed: dict[str, str] = {}

    def explain(
        self,
        connection: psycopg.AsyncConnection[Any],
        text: bytes,
        types: Sequence[int],
        values: Sequence[Any],
        *,
        prepared: bool,
    ) -> None:
        """Explain a statement with `$1`, as it is executed next."""
        name = text.decode()
        if not _EXPLAINED.match(text) or _KEPT_BY_SESSION.search(text):
            return
        if len(self.statements.get(name, ())) >= MOST_TIMES:
            return
        status = connection.pgconn.transaction_status
        if status not in (TransactionStatus.IDLE, TransactionStatus.INTRANS):
            return
        within = status == TransactionStatus.INTRANS
        line = _Line(connection)
        # What this waits for may wait for us: all of it is one thread.
        line.run(f"{'' if within else 'BEGIN; '}SAVEPOINT explained; SET LOCAL lock_timeout = 500")
        try:
            line.prepare(text, types)
            best, plan = line.explain("force_custom_plan", values)
            rows = max(map(int, re.findall(r'"Actual Rows": (\d+)', plan)))
            line.run("ROLLBACK TO explained; SET LOCAL lock_timeout = 500")
            line.run(_FORGET.format(names=", ".join(f"'{each.decode()}'" for each in
                                                    set(_NAME.findall(text)))))  # fmt: skip
            mode = "force_generic_plan" if prepared else "force_custom_plan"
            worst, plan = line.explain(mode, values)
            self.statements.setdefault(name, []).append(Explained(best, rows, worst, plan))
        except Refusal as refusal:
            # The statement itself is refused, too: by a constraint, say.
            self.failed[name] = str(refusal)
        finally:
            line.run("ROLLBACK TO explained; RELEASE explained" if within else "ROLLBACK")
            line.forget()


class Refusal(Exception):
    """What PostgreSQL says."""


class _Line:
    """The connection, used beneath psycopg, which would take note of what is undone here."""

    def __init__(self, connection: psycopg.AsyncConnection[Any]) -> None:
        self._connection = connection
        self._prepared = False

    def run(self, text: str) -> list[bytes]:
        result = self._connection.pgconn.exec_(text.encode())
        self._check(result)
        return [result.get_value(nth, 0) or b"" for nth in range(result.ntuples)]

    def prepare(self, text: bytes, types: Sequence[int]) -> None:
        self._check(self._connection.pgconn.prepare(b"explained", text, types))
        self._prepared = True

    def forget(self) -> None:
        if self._prepared:
            self.run("DEALLOCATE explained")

    def explain(self, mode: str, values: Sequence[Any]) -> tuple[int, str]:
        literals = ", ".join(self._literal(each) for each in values)
        self.run(f"SET LOCAL plan_cache_mode = {mode}")
        rows = self.run(
            "EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) EXECUTE explained"
            + (f" ({literals})" if values else "")
        )
        plan = json.loads(b"\n".join(rows))[0]["Plan"]
        pages = plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
        return pages + _rows(plan) // 100, json.dumps(plan)

    def _literal(self, value: Any) -> str:
        if isinstance(value, TextArray):
            value = [each.decode() if isinstance(each, bytes) else each for each in value]
        return sql.Literal(value).as_string(self._connection)

    def _check(self, result: Any) -> None:
        if result.status not in (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK):
            raise Refusal(result.error_message.decode())


def _rows(plan: dict[str, Any]) -> int:
    """Rows that the steps of a plan gave and left out."""
    named = ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Join Filter")
    own = sum(plan.get(name, 0) for name in named) * plan["Actual Loops"]
    return int(own) + sum(_rows(each) for each in plan.get("Plans", ()))


@contextmanager
def explaining() -> Iterator[Explaining]:
    """Everything that psycopg and the OData service execute meanwhile is explained."""
    found = Explaining()
    executed, streamed = psycopg.AsyncCursor.execute, collection.stream_rows

    async def execute(
        self: Any, query: Any, params: Any = None, *, prepare: Any = None, binary: Any = None
    ) -> Any:
        converted = self._query_cls(psycopg.adapt.Transformer(self))
        converted.convert(query, params)
        values = [params[name] for name in converted._order] if converted._order else params or ()
        may_be = prepare is not False and self.connection.prepare_threshold is not None
        found.explain(
            self.connection, converted.query, converted.types or (), values, prepared=may_be
        )
        return await executed(self, query, params, prepare=prepare, binary=binary)

    async def stream_rows(connection: Any, statement: Statement, size: int) -> AsyncIterator[Any]:
        tx = psycopg.adapt.Transformer.from_context(connection)
        tx.dump_sequence(statement.params, [psycopg.adapt.PyFormat.AUTO] * len(statement.params))
        found.explain(
            connection, statement.sql.encode(), tx.types or (), statement.params,
            prepared=not needs_own_plan(statement.params),
        )  # fmt: skip
        async for rows in streamed(connection, statement, size):
            yield rows

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(psycopg.AsyncCursor, "execute", execute)
        patch.setattr(collection, "stream_rows", stream_rows)
        yield found
