"""Whether bills were paid, as partners say; a customer whose last two were not is to be ended, if
an operator agrees, and if the partner does not correct it before."""

import asyncio
import json
from collections.abc import Sequence
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
    """What lines are taken of: a partner's file, by its SHA-256, on a month, today."""

    code: str
    period: Month
    sha256: str
    today: date


async def take(
    connection: Connection, writer: Writer, return_file: ReturnFile, lines: Sequence[Return]
) -> list[LineProblem]:
    """Take the lines that say something new; what cannot be taken.

    DeliveryAttempt for one file of a partner at a time.
    """
    statuses = await _reported_statuses(connection, return_file, [line.client_id for line in lines])
    problems = [
        LineProblem(line.number, "not_on_bill", (line.client_id, return_file.period))
        for line in lines
        if line.client_id not in statuses
    ]
    new_lines = [line for line in lines if statuses.get(line.client_id, line.status) != line.status]
    await asyncio.gather(*(_report(writer, return_file, line) for line in new_lines))
    paid = [line.client_id for line in new_lines if line.status == "paid"]
    unpaid = [line.client_id for line in new_lines if line.status == "unpaid"]
    # Together: what is kept is no news when the file is read again after a kill.
    async with connection.transaction():
        await _keep(connection, return_file, new_lines)
        await _withdraw(connection, return_file, paid)
        await _propose(connection, return_file, unpaid)
    return problems


async def _reported_statuses(
    connection: Connection, return_file: ReturnFile, clients: list[str]
) -> dict[str, str | None]:
    """What was said before of those that are on the month's bill; None: nothing."""
    rows = await connection.execute(
        "SELECT l.client_id, p.status FROM partner_billing_file f"
        " JOIN partner_billing_line l ON l.file = f.id"
        " LEFT JOIN partner_payment p ON p.partner = f.partner AND p.client_id = l.client_id"
        " AND p.period = f.period"
        " WHERE f.partner = %s AND f.period = %s AND l.client_id = ANY(%s)",
        [return_file.code, str(return_file.period), clients],
    )
    return dict(await rows.fetchall())


async def _report(writer: Writer, return_file: ReturnFile, line: Return) -> None:
    """The customer's event; nothing when it was written before a kill."""

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

    process = uuid5(
        _NAMESPACE, f"{return_file.code}\n{return_file.period}\n{return_file.sha256}\n{line.number}"
    )
    request = ChangeRequest("partner", return_file.today, SafeUUID(str(process)))
    try:
        await change(writer, return_file.code, line.client_id, request, decide)
    except CommandAlreadySent:
        return


async def _keep(connection: Connection, return_file: ReturnFile, lines: Sequence[Return]) -> None:
    await connection.execute(
        "INSERT INTO partner_payment (partner, client_id, period, status, reason)"
        " SELECT %s, n.client_id, %s, n.status, n.reason"
        " FROM unnest(%s::text[], %s::text[], %s::text[]) AS n (client_id, status, reason)"
        ' ORDER BY n.client_id COLLATE "C" ON CONFLICT (partner, client_id, period) DO UPDATE'
        " SET status = excluded.status, reason = excluded.reason",
        [
            return_file.code,
            str(return_file.period),
            [line.client_id for line in lines],
            [line.status for line in lines],
            [line.reason for line in lines],
        ],
    )


async def _withdraw(connection: Connection, return_file: ReturnFile, clients: list[str]) -> None:
    """Reject, in the name of the partner, what was proposed because a month that is paid was not.

    What an operator decided meanwhile stays decided.
    """
    rows = await connection.execute(
        "UPDATE partner_proposal SET state = 'rejected', decided = now(), decided_by = partner"
        " WHERE partner = %s AND client_id = ANY(%s) AND source = 'billing' AND state = 'open'"
        " AND position(%s IN reason) > 0 RETURNING id, client_id",
        [return_file.code, clients, str(return_file.period)],
    )
    for number, client_id in await rows.fetchall():
        subject = f"{return_file.code} {client_id} ({number})"
        await audit(connection, return_file.code, "proposal rejected", subject)


async def _propose(connection: Connection, return_file: ReturnFile, clients: list[str]) -> None:
    """Propose to end the contracts of those who also did not pay the bill before, or after.

    Months that cost nothing are no bills. One open proposal is enough; so is a contract's end.
    """
    await connection.execute(
        _SQL["propose_terminations"],
        {
            "partner": return_file.code,
            "period": str(return_file.period),
            "clients": clients,
            "details": json.dumps({}),
        },
    )
