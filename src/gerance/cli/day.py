"""`gerance day`: the daily jobs, and the operator's word when a clock is in doubt."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from gerance.cli.connect import with_connection
from gerance.cli.output import Home, Json, say

if TYPE_CHECKING:
    from gerance.kernel.db import Connection

app = typer.Typer(
    help="See up to which day the daily jobs are, and confirm a day that stopped them.",
    no_args_is_help=True,
)


@app.command("status")
def status(home: Home = None, as_json: Json = False) -> None:
    """Show the last day that each daily job has done, and why one is stopped."""
    from gerance.cli.output import say_json, say_rows
    from gerance.kernel.daily_job import states

    rows = with_connection(home, states)
    if as_json:
        say_json(rows)
        return
    columns = {"job": "Job", "day": "Done up to", "stopped": "Stopped because"}
    say_rows(rows, columns, none="No daily job has run yet.")


@app.command("confirm")
def confirm(
    day: Annotated[
        datetime,
        typer.Argument(metavar="YYYY-MM-DD", formats=["%Y-%m-%d"], help="The present day."),
    ],
    home: Home = None,
) -> None:
    """Confirm that the present day is the right one: the daily jobs go on up to it."""

    from gerance.cli.failures import Failure
    from gerance.kernel import clock
    from gerance.kernel.daily_job import confirm as confirm_day
    from gerance.kernel.identity.accounts import audit
    from gerance.kernel.settings import load_settings

    zone = load_settings(home=home).zone

    async def write(connection: "Connection") -> None:
        today = clock.today(zone)
        if day.date() > today:
            raise Failure(f"{day:%Y-%m-%d} is in the future: it is {today} by the database's clock")
        async with connection.transaction():
            await confirm_day(connection, day.date())
            await audit(connection, "operator", "confirm day", f"{day:%Y-%m-%d}")

    with_connection(home, write)
    say(f"Confirmed: the daily jobs go on up to {day:%Y-%m-%d}.")
