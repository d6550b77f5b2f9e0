"""`gerance billing`: what tenants owe for a month."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from gerance.cli.output import Home, Json, say

if TYPE_CHECKING:
    from gerance.kernel.db import Connection
    from gerance.rentals.billing_run.summary import Billed

NAMED = 10
"""Tenants that are named at most when they could not be billed."""

app = typer.Typer(help="What tenants owe for a month.", no_args_is_help=True)


@app.command("run")
def run(
    period: Annotated[
        str, typer.Option(help="The month, e.g. 2026-12.", show_default=False, metavar="MONTH")
    ],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be billed, write nothing.")
    ] = False,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Bill a month: apply the price changes that fall due, charge rent, services and places.

    No charge is billed twice. Run the command again after an interruption: it continues.
    """

    from gerance.cli.connect import with_connection
    from gerance.cli.failures import Failure
    from gerance.cli.output import say_json
    from gerance.cli.progress import progress
    from gerance.kernel import clock
    from gerance.kernel.settings import load_settings
    from gerance.rentals.billing_run.period import parse_period
    from gerance.rentals.billing_run.run import Order, run_billing

    zone = load_settings(home=home).zone
    month = parse_period(period)

    async def bill(connection: "Connection") -> "tuple[Billed, int | None]":
        order = Order(period=month, today=clock.today(zone), dry_run=dry_run)
        return await run_billing(connection, order, advance)

    with progress("Billing") as advance:
        billed, _ = with_connection(home, bill)
    if as_json:
        say_json(billed)
    else:
        _say(billed)
    if billed.not_billed:
        told = [f"{each.tenant_id} ({each.reason})" for each in billed.not_billed[:NAMED]]
        told += [f"and {more} more"] if (more := len(billed.not_billed) - NAMED) > 0 else []
        raise Failure(f"not billed: {', '.join(told)}")


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


def _say(billed: "Billed") -> None:
    """The summary by division."""
    import msgspec

    from gerance.cli.output import say_rows

    rows: list[dict[str, Any]] = []
    for division in billed.divisions:
        values = msgspec.structs.asdict(division)
        amounts = {name: f"{value:.2f}" for name, value in values.items() if type(value) is float}
        place = {"place": f"{division.company_no}-{division.division_no}"}
        rows.append(values | amounts | place)
    say_rows(rows, _COLUMNS, none=f"Nothing is left to bill for {billed.period}.")
    what = "would be billed" if billed.dry_run else "billed"
    charges = sum(each.charges for each in billed.divisions)
    say(f"{billed.period}: {billed.tenants} tenants looked at, {charges} charges {what}.")
