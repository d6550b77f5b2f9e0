"""The customers of a partner with their billing data, in batches, in the order of the file."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Any

from psycopg.types.multirange import Multirange

from gerance.kernel.db import Connection
from gerance.kernel.months import Month
from gerance.partners.billing_exchange.lines import Billable, Months

_CUSTOMERS = (
    "SELECT partner, campaign_code, client_id, lastname, firstname, company_name, siret, email,"
    " service_starting_date, billing_starting_date, end_of_contract_date, nb_of_options,"
    " unit_price, options_price, vat_rate, zipcode, country, paid_months, offered_months"
    " FROM partner_customer WHERE partner = %s AND billing_starting_date IS NOT NULL"
    ' ORDER BY client_id COLLATE "C"'
)
# EXPLAIN: one scan of partner_customer_client; with another collation, one sort.


async def billables(
    connection: Connection, code: str, *, together: int
) -> AsyncIterator[list[Billable]]:
    """The partner's customers with a start of billing, by client_id, in batches of `together`.

    Call it in a transaction: it uses a server-side cursor.
    """
    async with connection.cursor(name="billables") as cursor:
        await cursor.execute(_CUSTOMERS, [code])
        while rows := await cursor.fetchmany(together):
            yield [_billable(row) for row in rows]


def _billable(row: tuple[Any, ...]) -> Billable:
    *facts, paid_months, offered_months = row
    return Billable._make([*facts, _months(paid_months), _months(offered_months)])


def _months(stored: Multirange[date]) -> Months:
    return [
        (Month.of(each.lower), None if each.upper is None else Month.of(each.upper))
        for each in stored
        if each.lower is not None
    ]
