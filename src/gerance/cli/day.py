"""`gerance day`: the state of the daily jobs, and the confirmation of a day."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from gerance.cli.command_group import CommandGroup
from gerance.cli.installation import today, with_connection
from gerance.cli.options import Home, Json
from gerance.cli.output import say, say_list

if TYPE_CHECKING:
    from gerance.kernel.db import Connection

app = CommandGroup("Show the state of the daily jobs; confirm the day when they stopped.")


@app.command("status")
def status(home: Home = None, as_json: Json = False) -> None:
    """Show the last day that each daily job has processed, and why a job has stopped."""
    from gerance.kernel.daily_job import states

    columns = {"job": "Job", "day": "Last day", "stopped": "Stopped because"}
    rows = with_connection(home, states)
    say_list(rows, columns, none="No daily job has run yet.", as_json=as_json)


@app.command("confirm")
def confirm(
    day: Annotated[
        datetime,
        typer.Argument(
            metavar="YYYY-MM-DD", formats=["%Y-%m-%d"], help="Present day.", show_default=False
        ),
    ],
    home: Home = None,
) -> None:
    """Confirm the present day. The daily jobs continue up to it."""
    from gerance.cli.failures import Failure
    from gerance.kernel.daily_job import confirm as confirm_day
    from gerance.kernel.identity.accounts import audit

    async def write(connection: "Connection") -> None:
        if day.date() > (present := today(home)):
            raise Failure(f"{day:%Y-%m-%d} is in the future: the database's clock says {present}")
        async with connection.transaction():
            await confirm_day(connection, day.date())
            await audit(connection, "operator", "confirm day", f"{day:%Y-%m-%d}")

    with_connection(home, write)
    say(f"Confirmed {day:%Y-%m-%d}. The daily jobs continue.")
