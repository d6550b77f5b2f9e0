"""`gerance partners`: who resells the service, as whoever operates the installation says."""

from typing import Annotated

import typer

from gerance.cli import (
    partner_campaigns,
    partner_customers,
    partner_files,
    partner_senders,
    partner_webhooks,
)
from gerance.cli.connect import of_partner, with_connection
from gerance.cli.output import Home, Json, say

app = typer.Typer(
    help="Partners, their tokens, sources, campaigns and customers.", no_args_is_help=True
)
_token = typer.Typer(help="The tokens that partners call with.", no_args_is_help=True)
_source = typer.Typer(help="The brands from which calls of a partner come.", no_args_is_help=True)
for _group, _name in (
    (_token, "token"),
    (_source, "source"),
    (partner_campaigns.campaigns, "campaign"),
    (partner_campaigns.typologies, "typology"),
    (partner_webhooks.app, "webhook"),
    (partner_senders.app, "sender"),
):
    app.add_typer(_group, name=_name, rich_help_panel="Set up")

Code = Annotated[str, typer.Argument(help="The code of the partner.", show_default=False)]
Brand = Annotated[str, typer.Argument(help="The name of the brand.", show_default=False)]


@app.command("add", rich_help_panel="Set up")
def add(
    code: Annotated[
        str, typer.Argument(help="Its partner_code, part of file names.", show_default=False)
    ],
    name: Annotated[
        str | None, typer.Option(help="What people call it.", show_default="its code")
    ] = None,
    source: Annotated[
        list[str] | None,
        typer.Option(help="A brand from which its calls come; repeatable.", show_default="none"),
    ] = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Add a partner. Its token is printed once."""
    from gerance.cli.output import say_json
    from gerance.partners.programme.partners import add_partner

    token = with_connection(
        home,
        lambda connection: add_partner(
            connection, code=code, name=name or code, sources=source or []
        ),
    )
    if as_json:
        say_json({"code": code, "token": token})
        return
    say(f"Added {code}.")
    say(f"Token, shown this once: {token}")


@app.command("list", rich_help_panel="Set up")
def list_all(home: Home = None, as_json: Json = False) -> None:
    """List the partners by code."""
    from gerance.cli.output import say_json, say_rows
    from gerance.partners.programme.partners import list_partners

    rows = with_connection(home, list_partners)
    if as_json:
        say_json(rows)
        return
    for row in rows:
        row["sources"] = ", ".join(row["sources"])
    columns = {"code": "Code", "name": "Name", "sources": "Sources", "tokens": "Tokens"}
    columns |= {"customers": "Customers", "disabled": "Disabled"}
    say_rows(rows, columns, none="There is no partner yet: `gerance partners add --help`.")


@app.command("disable", rich_help_panel="Set up")
def disable(code: Code, home: Home = None) -> None:
    """Refuse the calls of a partner; its customers stay what they are."""
    from gerance.partners.programme.partners import set_disabled

    with_connection(home, lambda connection: set_disabled(connection, code, True))
    say(f"Calls of {code} are refused.")


@app.command("enable", rich_help_panel="Set up")
def enable(code: Code, home: Home = None) -> None:
    """Take the calls of a disabled partner again."""
    from gerance.partners.programme.partners import set_disabled

    with_connection(home, lambda connection: set_disabled(connection, code, False))
    say(f"Calls of {code} are taken again.")


@_token.command("rotate")
def rotate(
    code: Code,
    overlap_hours: Annotated[
        int, typer.Option(min=0, max=2160, help="Hours for which the old tokens go on.")
    ] = 168,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Give a partner a new token, printed once; those before it go on for a while."""
    from datetime import timedelta

    from gerance.cli.output import say_json
    from gerance.partners.programme.tokens import rotate_token

    token, until = with_connection(
        home,
        lambda connection: rotate_token(connection, code, overlap=timedelta(hours=overlap_hours)),
    )
    if as_json:
        say_json({"code": code, "token": token, "formerUntil": until})
        return
    say(f"Token, shown this once: {token}")
    if until is not None:
        say(f"Those before it expire at {until.isoformat(timespec='seconds')}.")


@_token.command("list")
def list_all_tokens(code: Code, home: Home = None, as_json: Json = False) -> None:
    """List the valid tokens of a partner, by their last characters."""
    from gerance.cli.output import say_json, say_rows
    from gerance.partners.programme.tokens import list_tokens

    rows = of_partner(home, code, lambda connection: list_tokens(connection, code))
    if as_json:
        say_json(rows)
        return
    columns = {"ending": "Ends in", "created": "Created", "expires": "Expires"}
    say_rows(rows, columns, none=f"{code} has no valid token.")


@_token.command("revoke")
def revoke(
    code: Code,
    ending: Annotated[str, typer.Argument(help="Its last characters.", show_default=False)],
    home: Home = None,
) -> None:
    """End a token of a partner at once."""
    from gerance.partners.programme.tokens import revoke_tokens

    with_connection(home, lambda connection: revoke_tokens(connection, code, ending))
    say(f"The token of {code} that ends in {ending} is refused from now on.")


@_source.command("add")
def add_source(code: Code, brand: Brand, home: Home = None) -> None:
    """Take calls from a brand of the partner."""
    from gerance.partners.programme.partners import set_source

    with_connection(home, lambda connection: set_source(connection, code, brand))
    say(f"{code} calls as {brand}.")


@_source.command("end")
def end_source(code: Code, brand: Brand, home: Home = None) -> None:
    """Take no more calls from a brand of the partner."""
    from gerance.partners.programme.partners import set_source

    with_connection(home, lambda connection: set_source(connection, code, brand, active=False))
    say(f"{code} calls no more as {brand}.")


for _name, _command in (
    ("customers", partner_customers.customers),
    ("offer", partner_customers.offer),
    ("terminate", partner_customers.terminate),
):
    app.command(_name, rich_help_panel="Customers")(_command)
partner_files.add_to(app)
