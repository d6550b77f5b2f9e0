"""`gerance partners customers`, `offer` and `terminate`: leads and customers."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from gerance.cli.installation import today, with_partner, with_writer
from gerance.cli.options import (
    ClientId,
    ForGood,
    Home,
    Json,
    LastDay,
    Months,
    PartnerCode,
    parse_day,
)
from gerance.cli.output import say, say_list

if TYPE_CHECKING:
    from gerance.kernel.db import Connection
    from gerance.kernel.log.writer import Writer
    from gerance.partners.customers.commands import CustomerCommand

Reason = Annotated[
    str | None, typer.Option(help="Reason, stored in the history.", show_default="none")
]


def customers(
    partner: PartnerCode,
    status: Annotated[
        str | None,
        typer.Option(
            help="Only this status: lead, activated, billed, offered or terminated.",
            show_default="all",
        ),
    ] = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """List the leads and customers of a partner by client_id."""
    import msgspec

    from gerance.cli.failures import Failure
    from gerance.partners.lifecycle.queries import read_all
    from gerance.partners.lifecycle.state import STATUSES

    if status is not None and status not in STATUSES:
        raise Failure(f"--status: expected one of {', '.join(STATUSES)}, got {status!r}")
    documents = with_partner(
        home,
        partner,
        lambda connection: read_all(connection, partner, today(home), status=status),
    )
    rows = [msgspec.json.decode(document, type=dict[str, Any]) for document in documents]
    columns = {"client_id": "Client", "status": "Status", "lastname": "Last name"}
    columns |= {"company_name": "Company", "service_starting_date": "Service from"}
    columns |= {"billing_starting_date": "Billed from", "nb_of_paid_months": "Months paid"}
    columns |= {"nb_of_offered_months": "Months offered", "end_of_contract_date": "Until"}
    say_list(rows, columns, none=f"{partner} has no such customer.", as_json=as_json)


def offer(
    partner: PartnerCode,
    client_id: ClientId,
    months: Months = None,
    for_good: ForGood = False,
    reason: Reason = None,
    home: Home = None,
) -> None:
    """Offer months to a customer, after those that have started or were offered before."""
    from gerance.cli.failures import Failure
    from gerance.partners.customers.commands import OfferMonths

    if (months is None) != for_good:
        raise Failure("--months or --for-good: choose one")
    status = _execute(home, partner, client_id, OfferMonths(months, reason), "offered")
    say(f"{client_id} of {partner} is {status}.")


def terminate(
    partner: PartnerCode,
    client_id: ClientId,
    date: LastDay,
    reason: Reason = None,
    home: Home = None,
) -> None:
    """End the contract of a customer on a day in the past or the future."""
    from gerance.partners.customers.commands import Terminate

    last = parse_day(date)
    _execute(home, partner, client_id, Terminate(last, reason), "terminated")
    say(f"The contract of {client_id} of {partner} ends on {last}.")


def _execute(
    home: str | None, partner: str, client_id: str, command: "CustomerCommand", act: str
) -> str:
    """Execute a command and record it in the audit log; the customer's status afterwards."""
    from gerance.kernel.identity.accounts import audit
    from gerance.partners.customers.decide import decide
    from gerance.partners.lifecycle.writer import ChangeRequest, change

    async def execute(connection: "Connection", writer: "Writer") -> str:
        result = await change(
            writer,
            partner,
            client_id,
            ChangeRequest("operator", today(home)),
            lambda state, stamp: decide(state, command, stamp),
        )
        await audit(connection, "operator", f"partner customer {act}", f"{partner} {client_id}")
        return result.customer.status

    return with_writer(home, execute)
