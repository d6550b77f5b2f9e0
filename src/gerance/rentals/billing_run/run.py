"""The billing run: bills tenants in batches, each in one transaction.

A run stores no progress besides the transactions that it writes, so a run that is started again
bills what is left. Tenants are locked while they are billed: of two concurrent runs, the later one
does not bill again what the other has billed. The index `transaction_billed_once` guarantees it.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar
from uuid import uuid4

from psycopg import DataError

from gerance.kernel.db import Connection
from gerance.kernel.errors import Rejection
from gerance.kernel.months import Month
from gerance.kernel.transactions import committed, retried
from gerance.rentals.billing.entity import TRANSACTION
from gerance.rentals.billing_run.amounts import ACTIVE, COLUMNS_DUE, DUE, STEPS_DUE, about
from gerance.rentals.billing_run.period import require_near
from gerance.rentals.billing_run.summary import Billed, Charged, NotBilled, Stepped, Sums
from gerance.rentals.declare.rules import Row
from gerance.rentals.leasing.entity import LEASE_PRICE_CHANGE, TENANT
from gerance.rentals.model.rules import RULESET
from gerance.rentals.writing.bulk import insert_query
from gerance.rentals.writing.unit_of_work import RowChange, UnitOfWork

TOGETHER = 200
"""Tenants in one transaction: few enough for short locks, enough for a low cost per event."""

_PLACES = (
    "EXISTS (SELECT FROM unnest(%(companies)s::integer[], %(divisions)s::integer[]) p (c, d)"
    " WHERE p.c = t.company_no AND coalesce(p.d, t.division_no) = t.division_no)"
)

Places = Sequence[Mapping[str, Any]]
"""Companies (`company_no`) or divisions (and `division_no`)."""

_T = TypeVar("_T", Charged, Stepped)

_Changes = tuple[list[Charged], list[Stepped]]


@dataclass(frozen=True, kw_only=True)
class Order:
    """What is to be billed. `today`: the day in the installation's zone; `dry_run`: nothing is
    written; `places`: tenants of these alone, None for all; `actor`: the uid of who asked for it;
    `after`: tenants whose Id is greater; `most_seconds`: no batch is begun later than that;
    `together`: tenants of one transaction."""

    period: Month
    today: date
    dry_run: bool = False
    places: Places | None = None
    actor: str | None = None
    after: int = 0
    most_seconds: float | None = None
    together: int = TOGETHER


async def run_billing(
    connection: Connection,
    order: Order,
    on_progress: Callable[[int, int], None] | None = None,
) -> tuple[Billed, int | None]:
    """Bill the tenants that are active in the month; return the result and the last position of
    the log.

    First the price changes that fall due are applied, then the amounts due are charged; what was
    billed before is not billed again. `on_progress(done, total)` counts tenants. Call it outside a
    transaction. Raises Rejection (`PeriodRefused`).
    """
    require_near(order.period, order.today)
    run = _Run(connection, order, str(uuid4()))
    total = await run.count() if on_progress else 0
    summary = Billed(period=str(order.period), dry_run=order.dry_run)
    start, last = time.monotonic(), order.after
    while ids := await run.tenants_after(last):
        spent = time.monotonic() - start
        if order.most_seconds is not None and last > order.after and spent >= order.most_seconds:
            summary.complete, summary.next = False, last
            break
        await run.bill(ids)
        last = ids[-1]
        summary.tenants += len(ids)
        if on_progress:
            on_progress(summary.tenants, max(total, summary.tenants))
    summary.divisions = await run.sums.by_division(connection)
    summary.not_billed = run.not_billed
    return summary, run.position


class _Run:
    """A run on its way. `process`: the uid that all its events have."""

    def __init__(self, connection: Connection, order: Order, process: str) -> None:
        self.sums = Sums()
        self.not_billed: list[NotBilled] = []
        self.position: int | None = None
        self._connection = connection
        self._order = order
        self._process = process

    async def count(self) -> int:
        """How many tenants there are to look at."""
        condition, params = self._tenants(self._order.after)
        rows = await self._connection.execute(
            f"SELECT count(*) FROM rentals.tenant t WHERE {condition}", params
        )
        return int((await rows.fetchall())[0][0])

    async def tenants_after(self, last: int) -> list[int]:
        """The ids of the next tenants to look at."""
        condition, params = self._tenants(last)
        rows = await self._connection.execute(
            f"SELECT t.id FROM rentals.tenant t WHERE {condition} ORDER BY t.id LIMIT %(limit)s",
            params,
        )
        return [id_ for (id_,) in await rows.fetchall()]

    async def bill(self, ids: Sequence[int]) -> None:
        """Bill these tenants: together, or each alone when one of them cannot be billed."""
        changes = await self._due(ids)
        if not self._order.dry_run:
            wanting = sorted({each.tenant_id for part in changes for each in part})
            if not wanting:
                return
            try:
                changes = await self._commit(wanting)
            except (DataError, Rejection) as impossible:
                if len(ids) > 1:
                    for id_ in wanting:
                        await self.bill([id_])
                    return
                self.not_billed.append(NotBilled(ids[0], _reason(impossible)))
                return
        self.sums.add(*changes)

    def _tenants(self, after: int) -> tuple[str, dict[str, Any]]:
        """SQL: which tenants `t` there are to look at, and its parameters."""
        order = self._order
        params: dict[str, Any] = {
            "first": order.period.first_day,
            "last": order.period.last_day,
            "after": after,
            "limit": order.together,
        }
        condition = f"t.id > %(after)s AND {ACTIVE}"
        if order.places is not None:
            condition += f" AND {_PLACES}"
            params["companies"] = [each["company_no"] for each in order.places]
            params["divisions"] = [each.get("division_no") for each in order.places]
        return condition, params

    async def _due(self, ids: Sequence[int]) -> _Changes:
        """What is to be billed, as far as one can see without locking anybody."""
        params = about(self._order.period, ids)
        charges = await self._connection.execute(
            f"SELECT tenant_id, company_no, division_no, kind, amount FROM ({DUE}) due", params
        )
        steps = await self._connection.execute(
            "SELECT tenant_id, company_no, division_no FROM rentals.lease_price_change"
            f" WHERE id IN ({STEPS_DUE})",
            params,
        )
        return (
            [Charged(*row) for row in await charges.fetchall()],
            [Stepped(*row) for row in await steps.fetchall()],
        )

    async def _commit(self, ids: Sequence[int]) -> _Changes:
        """What was billed to these tenants; again when another writer stood in the way."""
        return await retried(lambda: committed(self._connection, lambda _: self._write(ids)))

    async def _write(self, ids: Sequence[int]) -> _Changes:
        order, connection = self._order, self._connection
        params = about(order.period, ids)
        await connection.execute(
            "SELECT FROM rentals.tenant WHERE id = ANY(%(ids)s) ORDER BY id FOR NO KEY UPDATE",
            params,
        )
        unit = UnitOfWork(
            connection, RULESET, order.today, actor=order.actor, process=self._process
        )
        unit.note_locked(TENANT, ids)
        cursor = await connection.execute(STEPS_DUE, params)
        due = [RowChange(key={"id": id_}, columns={"applied_at": unit.now})
               for (id_,) in await cursor.fetchall()]  # fmt: skip
        steps = await unit.change(LEASE_PRICE_CHANGE, due) if due else []
        charges = await insert_query(unit, TRANSACTION, COLUMNS_DUE, DUE, params)
        if charges or steps:
            await unit.record()
            self.position = unit.position
        return [_part(Charged, row) for row in charges], [_part(Stepped, row) for row in steps]


def _part(kind: type[_T], row: Row) -> _T:
    """The fields of a row that a kind of tuple has."""
    return kind(*(row[name] for name in kind._fields))


def _reason(failure: DataError | Rejection) -> str:
    """Why a tenant cannot be billed, in the words of the database if it has some."""
    cause = failure.__cause__ if isinstance(failure, Rejection) else failure
    if isinstance(cause, DataError) and cause.diag.message_primary:
        return cause.diag.message_primary
    return str(failure)
