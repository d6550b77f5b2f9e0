"""`gerance partners token`: the tokens with which partners call the API."""

from datetime import timedelta
from typing import Annotated

import typer

from gerance.cli.command_group import CommandGroup
from gerance.cli.installation import with_connection, with_partner
from gerance.cli.options import Home, Json, PartnerCode
from gerance.cli.output import say, say_json, say_list

app = CommandGroup("Rotate, list and revoke the API tokens of a partner.")


@app.command("rotate")
def rotate(
    code: PartnerCode,
    overlap_hours: Annotated[
        int, typer.Option(min=0, max=2160, help="Hours for which earlier tokens stay valid.")
    ] = 168,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Create a new token and print it, once."""
    from gerance.partners.programme.tokens import rotate_token

    token, until = with_connection(
        home,
        lambda connection: rotate_token(connection, code, overlap=timedelta(hours=overlap_hours)),
    )
    if as_json:
        say_json({"code": code, "token": token, "formerUntil": until})
        return
    say(f"Token, shown only once: {token}")
    if until is not None:
        say(f"Earlier tokens expire at {until.isoformat(timespec='seconds')}.")


@app.command("list")
def list_tokens(code: PartnerCode, home: Home = None, as_json: Json = False) -> None:
    """List the valid tokens of a partner by their last characters."""
    from gerance.partners.programme import tokens

    rows = with_partner(home, code, lambda connection: tokens.list_tokens(connection, code))
    columns = {"ending": "Ends in", "created": "Created", "expires": "Expires"}
    say_list(rows, columns, none=f"{code} has no valid token.", as_json=as_json)


@app.command("revoke")
def revoke(
    code: PartnerCode,
    suffix: Annotated[
        str, typer.Argument(help="Last characters of the token.", show_default=False)
    ],
    home: Home = None,
) -> None:
    """Revoke a token at once."""
    from gerance.partners.programme.tokens import revoke_tokens

    with_connection(home, lambda connection: revoke_tokens(connection, code, suffix))
    say(f"Revoked the token of {code} that ends in {suffix}.")
