"""Queries of leads and customers."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from gerance.kernel.db import Connection
from gerance.kernel.errors import Rejection, reject
from gerance.kernel.wire import decode_own
from gerance.partners.lifecycle.state import Customer
from gerance.partners.lifecycle.writer import CATEGORY, stream_of

CUSTOMER_FIELDS = (
    "client_id", "status", "source", "campaign_code", "lead_creation_date",
    "service_starting_date", "billing_starting_date", "end_of_contract_date",
    "unsubscription_reason", "nb_of_paid_months", "nb_of_offered_months", "nb_of_options",
    "lastname", "firstname", "client_title", "company_name", "siret", "email", "phone_number1",
    "phone_number2", "address1", "address2", "zipcode", "city", "country", "typology",
    "other_info",
)  # fmt: skip
"""The fields of a lead or customer in answers, in this order; days as YYYY-MM-DD."""

_COUNTERS = {
    "nb_of_paid_months": "months_begun(c.paid_months, %(day)s)",
    "nb_of_offered_months": "months_begun(c.offered_months, %(day)s)",
}
_COLUMNS = ", ".join(f"{_COUNTERS.get(name, f'c.{name}')} AS {name}" for name in CUSTOMER_FIELDS)
_LIST = (
    f"SELECT row_to_json(o)::text, o.client_id FROM (SELECT {_COLUMNS} FROM partner_customer c"
    " WHERE c.partner = %(partner)s AND (%(status)s::text IS NULL OR c.status = %(status)s)"
    " AND (%(after)s::text IS NULL OR c.client_id > %(after)s)"
    " ORDER BY c.client_id LIMIT %(limit)s) o ORDER BY o.client_id"
)
_ONE = (
    f"SELECT row_to_json(o)::text FROM (SELECT {_COLUMNS} FROM partner_customer c"
    " WHERE c.partner = %(partner)s AND c.client_id = %(client_id)s) o"
)
_ALL_OF_IT = "SELECT '[' || coalesce(string_agg(row_to_json(o)::text, ','), '') || ']' FROM"
_HISTORY = (
    f"{_ALL_OF_IT} (SELECT position, event_type AS event, data ->> 'date' AS date,"
    " data ->> 'sentDate' AS recorded, data ->> 'by' AS by, data ->> 'firstMonth' AS first_month,"
    " data ->> 'lastMonth' AS last_month, data ->> 'endOfContractDate' AS end_of_contract_date,"
    f" data ->> 'reason' AS reason FROM event WHERE category = '{CATEGORY}'"
    " AND stream = %(stream)s ORDER BY version) o"
)
_BILLED_MONTHS = (
    f"{_ALL_OF_IT} (SELECT f.period, l.status, l.amount_excl_tax, l.amount_incl_tax,"
    " p.status AS payment FROM partner_billing_line l"
    " JOIN partner_billing_file f ON f.id = l.file"
    " LEFT JOIN partner_payment p ON p.partner = f.partner AND p.client_id = l.client_id"
    " AND p.period = f.period"
    " WHERE f.partner = %(partner)s AND l.client_id = %(client_id)s ORDER BY f.period) o"
)


def unknown_customer(client_id: str) -> Rejection:
    """The rejection of a client_id that the partner does not have."""
    return reject("UnknownCustomer", "unknown", client_id=client_id)


async def read_state(connection: Connection, partner: str, client_id: str) -> Customer:
    """The current state of a lead or customer. Raises Rejection (404 `UnknownCustomer`)."""
    rows = await connection.execute(
        "SELECT state FROM stream WHERE category = %s AND uid = %s",
        [CATEGORY, stream_of(partner, client_id)],
    )
    row = await rows.fetchone()
    if row is None:
        raise unknown_customer(client_id)
    return decode_own(Customer, row[0])


async def read_list(
    connection: Connection,
    partner: str,
    day: date,
    *,
    status: str | None,
    after: str | None,
    limit: int,
) -> tuple[Sequence[str], str | None]:
    """JSON objects of a partner's leads and customers by client_id, their counters as of `day`, and
    the client_id after which there are more."""
    parameters = {
        "partner": partner,
        "day": day,
        "status": status,
        "after": after,
        "limit": limit + 1,
    }
    rows = await (await connection.execute(_LIST, parameters)).fetchall()
    more = rows[limit - 1][1] if len(rows) > limit else None
    return [row[0] for row in rows[:limit]], more


async def read_all(
    connection: Connection, partner: str, day: date, *, status: str | None
) -> Sequence[str]:
    """JSON objects of all leads and customers of a partner, for operators."""
    row: list[str] = []
    after = None
    while True:
        page, after = await read_list(
            connection, partner, day, status=status, after=after, limit=1000
        )
        row += page
        if after is None:
            return row


async def read_one(
    connection: Connection, partner: str, client_id: str, day: date
) -> tuple[str, str, str]:
    """JSON of a lead or customer, of its history and of what was billed.

    Raises Rejection (404 `UnknownCustomer`).
    """
    if "\x00" in client_id:  # PostgreSQL has no NUL in texts.
        raise unknown_customer(client_id)
    parameters: dict[str, Any] = {"partner": partner, "client_id": client_id, "day": day}
    parameters["stream"] = stream_of(partner, client_id)
    row = await (await connection.execute(_ONE, parameters)).fetchone()
    if row is None:
        raise unknown_customer(client_id)
    history = await (await connection.execute(_HISTORY, parameters)).fetchall()
    bill_rows = await (await connection.execute(_BILLED_MONTHS, parameters)).fetchall()
    return row[0], history[0][0], bill_rows[0][0]
