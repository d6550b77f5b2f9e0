"""Payments that partners report.

Two unpaid bills in a row lead to a proposal to end the contract. An operator decides on it, unless
the partner corrects its report before.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from typing import NamedTuple
from uuid import NAMESPACE_URL, uuid5

from gerance.kernel import sql_files
from gerance.kernel.db import Connection
from gerance.kernel.errors import CommandAlreadySent
from gerance.kernel.identity.accounts import audit
from gerance.kernel.log.writer import Writer
from gerance.kernel.months import Month
from gerance.kernel.wire import SafeUUID
from gerance.partners.billing_exchange.returns_problems import LineProblem
from gerance.partners.billing_exchange.returns_text import Return
from gerance.partners.lifecycle.deadlines import Stamp, heading
from gerance.partners.lifecycle.events import PaymentReported
from gerance.partners.lifecycle.state import Customer
from gerance.partners.lifecycle.writer import ChangeRequest, change

_SQL = sql_files.load(__name__)
_NAMESPACE = uuid5(NAMESPACE_URL, "https://gerance.example/partners/returns")


class ReturnFile(NamedTuple):
    """A file of a partner about a month, identified by its SHA-256, and the day of its import."""

    code: str
    period: Month
    sha256: str
    today: date


async def take(
    connection: Connection, writer: Writer, return_file: ReturnFile, lines: Sequence[Return]
) -> list[LineProblem]:
    """Record the lines that report something new; returns the problems of the others.

    Call it for one file of a partner at a time.
    """
    statuses = await _reported_statuses(connection, return_file, lines)
    problems = [
        LineProblem(line.number, "not_on_bill", (line.client_id, return_file.period))
        for line in lines
        if line.client_id not in statuses
    ]
    changes = [line for line in lines if statuses.get(line.client_id, line.status) != line.status]
    await asyncio.gather(*(_record_event(writer, return_file, line) for line in changes))
    # In one transaction: a file that is read again after a kill finds all of it, or nothing.
    async with connection.transaction():
        await _save(connection, return_file, changes)
        paid = [line.client_id for line in changes if line.status == "paid"]
        await _withdraw_proposals(connection, return_file, paid)
        unpaid = [line.client_id for line in changes if line.status == "unpaid"]
        await connection.execute(_SQL["propose_terminations"], _keys(return_file, unpaid))
    return problems


def _keys(return_file: ReturnFile, clients: list[str]) -> dict[str, object]:
    return {"partner": return_file.code, "period": str(return_file.period), "clients": clients}


async def _reported_statuses(
    connection: Connection, return_file: ReturnFile, lines: Sequence[Return]
) -> dict[str, str | None]:
    """The statuses that were reported before, of the clients on the bill; None without one."""
    keys = _keys(return_file, [line.client_id for line in lines])
    rows = await connection.execute(_SQL["reported_statuses"], keys)
    return dict(await rows.fetchall())


async def _record_event(writer: Writer, return_file: ReturnFile, line: Return) -> None:
    """Record the event of the customer, unless it was recorded before a kill."""

    def decide(customer: Customer | None, stamp: Stamp) -> list[PaymentReported]:
        if customer is None:
            return []
        return [
            PaymentReported(
                **heading(stamp, stamp.today),
                month=return_file.period.first_day,
                status=line.status,
                reason=line.reason or None,
            )
        ]

    file = return_file
    process = uuid5(_NAMESPACE, f"{file.code}\n{file.period}\n{file.sha256}\n{line.number}")
    request = ChangeRequest("partner", file.today, SafeUUID(str(process)))
    with suppress(CommandAlreadySent):
        await change(writer, file.code, line.client_id, request, decide)


async def _save(connection: Connection, return_file: ReturnFile, lines: Sequence[Return]) -> None:
    parameters = _keys(return_file, [line.client_id for line in lines])
    parameters["statuses"] = [line.status for line in lines]
    parameters["reasons"] = [line.reason for line in lines]
    await connection.execute(_SQL["save_payments"], parameters)


async def _withdraw_proposals(
    connection: Connection, return_file: ReturnFile, clients: list[str]
) -> None:
    """Reject open proposals that an unpaid month caused which is paid now."""
    rows = await connection.execute(_SQL["withdraw_proposals"], _keys(return_file, clients))
    for number, client_id in await rows.fetchall():
        subject = f"{return_file.code} {client_id} ({number})"
        await audit(connection, return_file.code, "proposal rejected", subject)
