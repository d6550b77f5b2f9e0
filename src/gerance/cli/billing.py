"""`gerance billing`: the monthly billing run of tenants."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from gerance.cli.command_group import CommandGroup
from gerance.cli.options import BillingPeriod, Home, Json
from gerance.cli.output import say

if TYPE_CHECKING:
    from gerance.kernel.db import Connection
    from gerance.rentals.billing_run.summary import Billed

MAX_TENANTS_NAMED = 10
"""Tenants that the error message names when they could not be billed."""

app = CommandGroup("Bill the tenants for a month.")


@app.command("run")
def run(
    period: BillingPeriod,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print what would be billed; write nothing.")
    ] = False,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Bill a month: apply price changes that are due, then charge rent, services and parkings.

    Nothing is billed twice. After an interrupted run, run the command again.
    """
    from gerance.cli.failures import Failure
    from gerance.cli.installation import today, with_connection
    from gerance.cli.output import say_json
    from gerance.cli.progress import progress
    from gerance.rentals.billing_run.period import parse_period
    from gerance.rentals.billing_run.run import Order, run_billing

    month = parse_period(period)

    async def bill(connection: "Connection") -> "tuple[Billed, int | None]":
        order = Order(period=month, today=today(home), dry_run=dry_run)
        return await run_billing(connection, order, advance)

    with progress("Billing") as advance:
        summary, _ = with_connection(home, bill)
    if as_json:
        say_json(summary)
    else:
        _say_summary(summary)
    if summary.not_billed:
        tenants = [f"{each.tenant_id} ({each.reason})" for each in summary.not_billed]
        if (more := len(tenants) - MAX_TENANTS_NAMED) > 0:
            tenants[MAX_TENANTS_NAMED:] = [f"and {more} more"]
        raise Failure(f"not billed: {', '.join(tenants)}")


_COLUMNS = {
    "place": "Division",
    "name": "Name",
    "tenants": "Tenants",
    "price_changes": "Price changes",
    "charges": "Charges",
    "rent": "Rent",
    "services": "Services",
    "rebates": "Rebates",
    "parkings": "Parkings",
    "storages": "Storages",
    "total": "Total",
    "currency": "",
}


def _say_summary(summary: "Billed") -> None:
    """Print the summary by division."""
    import msgspec

    from gerance.cli.output import say_rows

    rows: list[dict[str, Any]] = []
    for division in summary.divisions:
        values = msgspec.structs.asdict(division)
        amounts = {name: f"{value:.2f}" for name, value in values.items() if type(value) is float}
        place = {"place": f"{division.company_no}-{division.division_no}"}
        rows.append(values | amounts | place)
    say_rows(rows, _COLUMNS, none=f"{summary.period} is billed already.")
    what = "would be billed" if summary.dry_run else "billed"
    charges = sum(each.charges for each in summary.divisions)
    say(f"{summary.period}: {summary.tenants} tenants checked, {charges} charges {what}.")
