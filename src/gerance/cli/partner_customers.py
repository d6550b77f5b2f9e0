"""`gerance partners customers`, `offer` and `terminate`: what operators do for customers."""

from typing import TYPE_CHECKING, Annotated

import typer

from gerance.cli.connect import of_partner, readable_database
from gerance.cli.output import Home, Json, say

if TYPE_CHECKING:
    from gerance.kernel.errors import Refused
    from gerance.partners.customers.commands import CustomerCommand
    from gerance.partners.lifecycle.writer import Written

Partner = Annotated[str, typer.Argument(help="The code of the partner.", show_default=False)]
ClientId = Annotated[
    str, typer.Argument(help="What the partner calls the customer.", show_default=False)
]
Reason = Annotated[str | None, typer.Option(help="Why, for the history.", show_default="no reason")]


def customers(
    partner: Partner,
    status: Annotated[
        str | None,
        typer.Option(
            help="Only lead, activated, billed, offered or terminated.", show_default="all"
        ),
    ] = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """List the leads and customers of a partner by client_id."""

    import msgspec

    from gerance.cli.failures import Failure
    from gerance.cli.output import say_json, say_rows
    from gerance.kernel import clock
    from gerance.kernel.settings import load_settings
    from gerance.partners.lifecycle.queries import read_all
    from gerance.partners.lifecycle.state import STATUSES

    if status is not None and status not in STATUSES:
        raise Failure(f"--status: there is {', '.join(STATUSES)}, not {status}")
    zone = load_settings(home=home).zone
    texts = of_partner(
        home,
        partner,
        lambda connection: read_all(connection, partner, clock.today(zone), status=status),
    )
    rows = [msgspec.json.decode(text, type=dict[str, object]) for text in texts]
    if as_json:
        say_json(rows)
        return
    columns = {"client_id": "Client", "status": "Status", "lastname": "Last name"}
    columns |= {"company_name": "Firm", "service_starting_date": "Service from"}
    columns |= {"billing_starting_date": "Billed from", "nb_of_paid_months": "Paid"}
    columns |= {"nb_of_offered_months": "Offered", "end_of_contract_date": "Until"}
    say_rows(rows, columns, none=f"{partner} has no such customer.")


def offer(
    partner: Partner,
    client_id: ClientId,
    months: Annotated[
        int | None, typer.Option(min=1, max=120, help="How many.", show_default=False)
    ] = None,
    for_good: Annotated[bool, typer.Option("--for-good", help="All months to come.")] = False,
    reason: Reason = None,
    home: Home = None,
) -> None:
    """Offer a customer months; they follow those that have begun and those offered before."""
    from gerance.cli.failures import Failure
    from gerance.partners.customers.commands import OfferMonths

    if (months is None) != for_good:
        raise Failure("--months or --for-good: choose one")
    status = _carry_out(home, partner, client_id, OfferMonths(months, reason), "offered")
    say(f"{client_id} of {partner} is {status}.")


def terminate(
    partner: Partner,
    client_id: ClientId,
    date: Annotated[
        str, typer.Option(metavar="YYYY-MM-DD", help="The last day.", show_default=False)
    ],
    reason: Reason = None,
    home: Home = None,
) -> None:
    """End the contract of a customer, on a day past, present or to come."""
    from gerance.cli.failures import Failure
    from gerance.partners.customers.commands import Terminate
    from gerance.partners.parameters.problems import WrongParameter
    from gerance.partners.parameters.values import day

    try:
        last = day(date)
    except WrongParameter:
        raise Failure(f"--date: expected a day like 2026-11-30, got {date!r}") from None
    _carry_out(home, partner, client_id, Terminate(last, reason), "terminated")
    say(f"The contract of {client_id} of {partner} ends on {last}.")


def _carry_out(
    home: str | None, partner: str, client_id: str, command: "CustomerCommand", act: str
) -> str:
    """Do it and leave a row in the audit; the customer's status from then on."""
    import asyncio

    from gerance.kernel import clock
    from gerance.kernel.db import open_pool
    from gerance.kernel.errors import Refused
    from gerance.kernel.identity.accounts import audit
    from gerance.kernel.log.writer import open_writer
    from gerance.kernel.settings import load_settings
    from gerance.partners.customers.decide import decide
    from gerance.partners.lifecycle.writer import Asking, change

    settings = load_settings(home=home)
    zone = settings.zone

    async def run(url: str) -> "Written | Refused":
        """What was written, or the refusal: the writer's group would wrap one that is raised."""
        limit = settings.statement_timeout_ms
        async with (
            open_pool(url, size=4, statement_timeout_ms=limit) as pool,
            open_writer(pool) as writer,
        ):
            async with pool.connection() as connection:
                await clock.synchronise(connection)
            try:
                written = await change(
                    writer,
                    partner,
                    client_id,
                    Asking("operator", clock.today(zone)),
                    lambda state, stamp: decide(state, command, stamp),
                )
            except Refused as refused:
                return refused
            async with pool.connection() as connection:
                subject = f"{partner} {client_id}"
                await audit(connection, "operator", f"partner customer {act}", subject)
        return written

    with readable_database(settings) as url:
        answer = asyncio.run(run(url))
    if isinstance(answer, Refused):
        raise answer
    return answer.customer.status
