"""`gerance partners add`, `list`, `disable`, `enable` and `source`."""

from typing import Annotated

import typer

from gerance.cli.command_group import CommandGroup
from gerance.cli.installation import with_connection
from gerance.cli.options import Home, Json, PartnerCode
from gerance.cli.output import say, say_json, say_list

sources = CommandGroup("Manage the brands under which a partner sends leads.")

Brand = Annotated[str, typer.Argument(help="Name of the brand.", show_default=False)]


def add(
    code: Annotated[
        str,
        typer.Argument(help="Its partner_code, which is part of file names.", show_default=False),
    ],
    name: Annotated[
        str | None, typer.Option(help="Name that people read.", show_default="the code")
    ] = None,
    source: Annotated[
        list[str] | None,
        typer.Option(
            metavar="BRAND",
            help="Brand under which it sends leads; repeatable.",
            show_default="none",
        ),
    ] = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Add a partner and print its token, once."""
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
    say(f"Token, shown only once: {token}")


def list_partners(home: Home = None, as_json: Json = False) -> None:
    """List the partners by code."""
    from gerance.partners.programme import partners

    columns = {"code": "Code", "name": "Name", "sources": "Sources", "tokens": "Tokens"}
    columns |= {"customers": "Customers", "disabled": "Disabled"}
    rows = with_connection(home, partners.list_partners)
    none = "There is no partner yet. Add one with `gerance partners add`."
    say_list(rows, columns, none=none, as_json=as_json)


def disable(code: PartnerCode, home: Home = None) -> None:
    """Reject the requests of a partner. Its customers stay as they are."""
    from gerance.partners.programme.partners import set_disabled

    with_connection(home, lambda connection: set_disabled(connection, code, True))
    say(f"{code} is disabled; its requests are rejected.")


def enable(code: PartnerCode, home: Home = None) -> None:
    """Accept the requests of a disabled partner again."""
    from gerance.partners.programme.partners import set_disabled

    with_connection(home, lambda connection: set_disabled(connection, code, False))
    say(f"{code} is enabled; its requests are accepted.")


@sources.command("add")
def add_source(code: PartnerCode, brand: Brand, home: Home = None) -> None:
    """Accept requests of a partner under a brand."""
    from gerance.partners.programme.partners import set_source

    with_connection(home, lambda connection: set_source(connection, code, brand))
    say(f"{code} can use the source {brand}.")


@sources.command("end")
def end_source(code: PartnerCode, brand: Brand, home: Home = None) -> None:
    """Reject requests of a partner under a brand."""
    from gerance.partners.programme.partners import set_source

    with_connection(home, lambda connection: set_source(connection, code, brand, active=False))
    say(f"{code} can no longer use the source {brand}.")
