"""`gerance reactions`: what was to follow between service calls and tickets."""

import typer

from gerance.cli.connect import with_connection
from gerance.cli.output import Home, Json

app = typer.Typer(
    help="See what could not follow from a service call or a ticket.", no_args_is_help=True
)


@app.command("failures")
def failures(home: Home = None, as_json: Json = False) -> None:
    """List the last 200 reactions that were refused or failed, and why."""
    from gerance.cli.output import say_json, say_rows
    from gerance.reactions.failures import newest_failures

    rows = with_connection(home, newest_failures)
    if as_json:
        say_json(rows)
        return
    columns = {"at": "When", "reaction": "Reaction", "eventType": "To", "of": "Of"}
    columns |= {"code": "Code", "message": "Why"}
    say_rows(rows, columns, none="Everything followed as it should.")
