"""`gerance partners sender`: the e-mail addresses from which a partner sends requests."""

from typing import Annotated

import typer

from gerance.cli.command_group import CommandGroup
from gerance.cli.installation import with_connection
from gerance.cli.options import Home, Json, PartnerCode
from gerance.cli.output import say, say_json, say_rows

app = CommandGroup("Manage the e-mail addresses from which a partner sends requests.")

Sender = Annotated[
    str, typer.Argument(help="E-mail address, or @domain for a whole domain.", show_default=False)
]


@app.command("add")
def add(code: PartnerCode, sender: Sender, home: Home = None) -> None:
    """Accept requests of a partner from an address or a domain, as proposals."""
    from gerance.partners.mail.senders import add_sender

    address = with_connection(home, lambda connection: add_sender(connection, code, sender))
    say(f"{code} can send requests from {address}.")


@app.command("list")
def list_senders(code: PartnerCode, home: Home = None, as_json: Json = False) -> None:
    """List the addresses and domains from which a partner sends requests."""
    from gerance.partners.mail.senders import senders_of

    senders = with_connection(home, lambda connection: senders_of(connection, code))
    if as_json:
        say_json(senders)
        return
    rows = [{"sender": sender} for sender in senders]
    say_rows(rows, {"sender": "Sender"}, none=f"{code} has no sender yet.")


@app.command("remove")
def remove(code: PartnerCode, sender: Sender, home: Home = None) -> None:
    """Reject requests of a partner from an address or a domain."""
    from gerance.partners.mail.senders import remove_sender

    with_connection(home, lambda connection: remove_sender(connection, code, sender))
    say(f"{code} can no longer send requests from {sender}.")
