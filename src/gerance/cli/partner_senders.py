"""`gerance partners sender`: from which addresses a partner may ask by mail."""

from typing import Annotated

import typer

from gerance.cli.connect import with_connection
from gerance.cli.output import Home, Json, say

app = typer.Typer(help="The addresses from which a partner may ask by mail.", no_args_is_help=True)

Code = Annotated[str, typer.Argument(help="The code of the partner.", show_default=False)]
Sender = Annotated[
    str, typer.Argument(help="An address, or @domain for all of one.", show_default=False)
]


@app.command("add")
def add(code: Code, sender: Sender, home: Home = None) -> None:
    """Take what a partner asks for from an address or a domain, as proposals."""
    from gerance.partners.mail.senders import add_sender

    kept = with_connection(home, lambda connection: add_sender(connection, code, sender))
    say(f"{code} may ask from {kept}.")


@app.command("list")
def list_all(code: Code, home: Home = None, as_json: Json = False) -> None:
    """List the addresses and domains from which a partner may ask."""
    from gerance.cli.output import say_json, say_rows
    from gerance.partners.mail.senders import senders_of

    senders = with_connection(home, lambda connection: senders_of(connection, code))
    if as_json:
        say_json(senders)
        return
    rows = [{"sender": each} for each in senders]
    say_rows(rows, {"sender": "Sender"}, none=f"{code} may ask from nowhere.")


@app.command("remove")
def remove(code: Code, sender: Sender, home: Home = None) -> None:
    """Take no more mail of a partner from an address or a domain."""
    from gerance.partners.mail.senders import remove_sender

    with_connection(home, lambda connection: remove_sender(connection, code, sender))
    say(f"{code} may not ask from {sender} any more.")
