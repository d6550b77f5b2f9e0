"""`gerance reactions`: reactions between service calls and tickets that failed."""

from gerance.cli.command_group import CommandGroup
from gerance.cli.installation import with_connection
from gerance.cli.options import Home, Json
from gerance.cli.output import say_list

app = CommandGroup("List reactions between service calls and tickets that failed.")


@app.command("failures")
def failures(home: Home = None, as_json: Json = False) -> None:
    """List the latest 200 reactions that were rejected or failed, with the reason."""
    from gerance.reactions.failures import newest_failures

    rows = with_connection(home, newest_failures)
    columns = {"at": "At", "reaction": "Reaction", "eventType": "Event", "of": "Of"}
    columns |= {"code": "Code", "message": "Reason"}
    say_list(rows, columns, none="No reaction failed.", as_json=as_json)
