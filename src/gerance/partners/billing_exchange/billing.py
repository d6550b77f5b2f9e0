"""The billing file of a partner for a month: computed once, stored line by line.

One transaction writes the lines and their totals from a single snapshot of the customers. The file
is delivered, pushed and downloaded from the stored lines. So a kill leaves either nothing or a file
that can be delivered again, and later changes of customers do not change it.
"""

import hashlib
from collections.abc import AsyncGenerator, Sequence
from datetime import date, datetime
from decimal import Decimal

import msgspec
from psycopg.rows import class_row

from gerance.kernel.db import Connection
from gerance.kernel.errors import Rejection
from gerance.kernel.locks import files_of, session_lock
from gerance.kernel.months import Month
from gerance.partners.billing_exchange.billables import billables
from gerance.partners.billing_exchange.csv_text import BOM
from gerance.partners.billing_exchange.lines import ZERO, BillLine, bill, heading

TOGETHER = 2_000
"""Customers in memory at a time."""


class BillingFile(msgspec.Struct, frozen=True, kw_only=True):
    """A computed billing file. `size`: bytes; `position`: the last event of the log at that time;
    amounts: the totals of its lines, in euros; `delivered`: when it was put into /outbox.
    """

    id: int
    partner: str
    period: str
    name: str
    sha256: str
    size: int
    lines: int
    amount_excl_tax: Decimal
    amount_incl_tax: Decimal
    position: int
    created: datetime
    delivered: datetime | None

    @property
    def checksum(self) -> bytes:
        """The content of the `.sha256` file, in the format of `sha256sum -c`."""
        return f"{self.sha256}  {self.name}\n".encode()


_COLUMNS = ", ".join(BillingFile.__struct_fields__)


async def bill_partner(
    connection: Connection, code: str, period: Month, *, today: date
) -> tuple[BillingFile, bool]:
    """The partner's file for the month, and whether it is new.

    Concurrent calls wait and return the same file. Raises Rejection: a month in the future, an
    unknown partner.
    """
    if period.first_day > today:
        raise Rejection("PeriodToCome", f"{period} is in the future and cannot be billed yet.")
    partner_row = await connection.execute("SELECT FROM partner WHERE code = %s", [code])
    if await partner_row.fetchone() is None:
        raise Rejection("UnknownPartner", f"There is no partner with the code {code}.")
    async with session_lock(connection, files_of(f"billing {code} {period}")):
        file = await billing_file(connection, code, period)
        if file is not None:
            return file, False
        async with connection.transaction():
            await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            await _compute(connection, code, period)
        file = await billing_file(connection, code, period)
        assert file is not None
    return file, True


async def billing_file(connection: Connection, code: str, period: Month) -> BillingFile | None:
    """The partner's file for a month, None before it is computed."""
    files = await _files(connection, "partner = %s AND period = %s", [code, str(period)])
    return files[0] if files else None


async def billing_files(connection: Connection, code: str) -> list[BillingFile]:
    """The partner's files, the latest month first."""
    return await _files(connection, "partner = %s", [code])


async def named_file(connection: Connection, code: str, name: str) -> BillingFile | None:
    """The partner's file with this name, or None."""
    if "\x00" in name:  # PostgreSQL has no NUL in texts.
        return None
    files = await _files(connection, "partner = %s AND name = %s", [code, name])
    return files[0] if files else None


async def undelivered(connection: Connection) -> list[BillingFile]:
    """The files that are not in their partner's /outbox yet."""
    return await _files(connection, "delivered IS NULL", [])


async def content(connection: Connection, file: BillingFile) -> AsyncGenerator[bytes, None]:
    """The bytes of a file, in chunks."""
    yield BOM + heading().encode()
    for first in range(0, file.lines, TOGETHER):
        rows = await connection.execute(
            "SELECT string_agg(line, '' ORDER BY nth) FROM partner_billing_line"
            " WHERE file = %s AND nth >= %s AND nth < %s",
            [file.id, first, first + TOGETHER],
        )
        (text,) = await rows.fetchone() or ("",)
        yield text.encode()


async def _files(connection: Connection, where: str, values: Sequence[object]) -> list[BillingFile]:
    async with connection.cursor(row_factory=class_row(BillingFile)) as cursor:
        await cursor.execute(
            f"SELECT {_COLUMNS} FROM partner_billing_file WHERE {where} ORDER BY period DESC, id",
            values,
        )
        return await cursor.fetchall()


async def _compute(connection: Connection, code: str, period: Month) -> None:
    """Write the file and its lines. Call it in a transaction with one snapshot."""
    name = f"{code}_{period}_clients-a-facturer.csv"
    rows = await connection.execute(
        _INSERT_FILE, {"partner": code, "period": str(period), "name": name}
    )
    (file,) = await rows.fetchone() or (None,)
    first = BOM + heading().encode()
    digest, size, count = hashlib.sha256(first), len(first), 0
    excl = incl = ZERO
    async for customers in billables(connection, code, together=TOGETHER):
        lines = [line for each in customers if (line := bill(each, period)) is not None]
        await _keep(connection, file, count, lines)
        text_bytes = "".join(line.text for line in lines).encode()
        digest.update(text_bytes)
        size, count = size + len(text_bytes), count + len(lines)
        excl += sum((line.amount_excl_tax for line in lines), ZERO)
        incl += sum((line.amount_incl_tax for line in lines), ZERO)
    await connection.execute(
        "UPDATE partner_billing_file SET sha256 = %s, size = %s, lines = %s,"
        " amount_excl_tax = %s, amount_incl_tax = %s WHERE id = %s",
        [digest.hexdigest(), size, count, excl, incl, file],
    )
    await connection.execute(
        "INSERT INTO partner_push (file) SELECT %s FROM partner_push_target WHERE partner = %s",
        [file, code],
    )


_INSERT_FILE = (
    "INSERT INTO partner_billing_file (partner, period, name, sha256, size, lines,"
    " amount_excl_tax, amount_incl_tax, position)"
    " SELECT %(partner)s, %(period)s, %(name)s, '', 0, 0, 0, 0, coalesce(max(position), 0)"
    " FROM event RETURNING id"
)


async def _keep(
    connection: Connection, file: int | None, first: int, lines: Sequence[BillLine]
) -> None:
    async with (
        connection.cursor() as cursor,
        cursor.copy(
            "COPY partner_billing_line (file, nth, client_id, amount_excl_tax, amount_incl_tax,"
            " status, line) FROM STDIN"
        ) as copy,
    ):
        for nth, line in enumerate(lines, start=first):
            await copy.write_row((file, nth, *line))
