"""`gerance integrators`: programs that use the rental API."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from gerance.cli.command_group import CommandGroup
from gerance.cli.installation import with_connection
from gerance.cli.options import Home, Json, PasswordStdin, read_line
from gerance.cli.output import say, say_json, say_rows

if TYPE_CHECKING:
    from gerance.kernel.identity.scope import Scope

app = CommandGroup("Manage integrators of the rental API and their keys.")

UserName = Annotated[str, typer.Argument(help="User name of the integrator.", show_default=False)]


@app.command("add")
def add(
    user_name: UserName,
    name: Annotated[
        str | None, typer.Option(help="Name that people read.", show_default="the user name")
    ] = None,
    read_only: Annotated[bool, typer.Option("--read-only", help="Reject all writes.")] = False,
    only_set: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME",
            help="Allow this entity set; repeatable.",
            show_default="all",
        ),
    ] = None,
    place: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PLACE",
            help="Allow this company (3) or division (3-1); repeatable.",
            show_default="all",
        ),
    ] = None,
    incidents: Annotated[
        bool, typer.Option("--incidents", help="Allow reading the sets of incidents.")
    ] = False,
    partners: Annotated[
        bool, typer.Option("--partners", help="Allow reading the customers of partners.")
    ] = False,
    password_stdin: PasswordStdin = False,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Add an integrator and print its API key and generated password, once."""
    from uuid import uuid4

    from gerance.kernel.identity import integrators

    scope = _scope(
        only_set or [], place or [], read_only=read_only, incidents=incidents, partners=partners
    )
    password = read_line() if password_stdin else _new_password()
    uid = str(uuid4())
    key = with_connection(
        home,
        lambda connection: integrators.add_integrator(
            connection, user_name=user_name, password=password, scope=scope, name=name, uid=uid
        ),
    )
    generated = {} if password_stdin else {"password": password}
    credentials = {"uid": uid, "userName": user_name, "apiKey": key, **generated}
    _say_credentials(f"Added {user_name}, uid {uid}.", credentials, as_json)


@app.command("list")
def list_all(home: Home = None, as_json: Json = False) -> None:
    """List the integrators by user name."""
    from gerance.kernel.identity import integrators
    from gerance.kernel.identity.scope import place_text

    rows = with_connection(home, integrators.list_integrators)
    for row in rows:
        row["places"] = row["places"] and [place_text(place) for place in row["places"]]
    if as_json:
        say_json(rows)
        return
    for row in rows:
        row["sets"] = "all" if row["sets"] is None else row["sets"]
        row["places"] = "all" if row["places"] is None else row["places"]
    columns = {"userName": "User name", "name": "Name", "readOnly": "Read only"}
    columns |= {
        "incidents": "Incidents",
        "partners": "Partners",
        "disabled": "Disabled",
        "places": "Places",
    }
    columns |= {"sets": "Sets", "uid": "Uid"}
    none = "There is no integrator yet. Add one with `gerance integrators add`."
    say_rows(rows, columns, none)


@app.command("rotate")
def rotate(
    user_name: UserName,
    new_password: Annotated[
        bool, typer.Option("--new-password", help="Generate a new password, too.")
    ] = False,
    password_stdin: PasswordStdin = False,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Create a new API key and print it, once. The earlier key and all tokens become invalid."""
    from gerance.cli.failures import Failure
    from gerance.kernel.identity import integrators

    if new_password and password_stdin:
        raise Failure("--new-password and --password-stdin: choose one")
    password = read_line() if password_stdin else None
    if new_password:
        password = _new_password()
    key = with_connection(
        home,
        lambda connection: integrators.rotate_integrator(connection, user_name, password=password),
    )
    generated = {"password": password} if new_password else {}
    credentials = {"userName": user_name, "apiKey": key, **generated}
    message = f"{user_name} has a new key; its tokens are invalid."
    _say_credentials(message, credentials, as_json)


@app.command("disable")
def disable(user_name: UserName, home: Home = None) -> None:
    """Disable an integrator. It gets no more tokens, and its tokens become invalid."""
    from gerance.kernel.identity import integrators

    with_connection(home, lambda connection: integrators.disable_integrator(connection, user_name))
    say(f"{user_name} is disabled; its tokens are invalid.")


@app.command("enable")
def enable(user_name: UserName, home: Home = None) -> None:
    """Enable a disabled integrator. Its key and password are unchanged."""
    from gerance.kernel.identity import integrators

    with_connection(home, lambda connection: integrators.enable_integrator(connection, user_name))
    say(f"{user_name} is enabled.")


def _scope(
    sets: list[str], places: list[str], *, read_only: bool, incidents: bool, partners: bool
) -> "Scope":
    from gerance.kernel.identity.scope import checked_scope

    every, of_incidents, of_partners = _entity_sets() if sets else ([], [], [])
    return checked_scope(
        sets=sets,
        places=places,
        known_sets=every,
        incident_sets=of_incidents,
        partner_sets=of_partners,
        read_only=read_only,
        incidents=incidents,
        partners=partners,
    )


def _entity_sets() -> tuple[list[str], list[str], list[str]]:
    """The names of all entity sets, of those of incidents, and of those of partners."""
    from gerance.incidents.odata import TYPES as INCIDENTS
    from gerance.partners.odata import TYPES as PARTNERS
    from gerance.rentals.model import FUNCTIONS, TYPES

    results = {function.returns for function in FUNCTIONS}
    of_incidents = [each.set_name for each in INCIDENTS]
    of_partners = [each.set_name for each in PARTNERS]
    rentals = [each.set_name for each in TYPES if each.name not in results]
    return [*rentals, *of_incidents, *of_partners], of_incidents, of_partners


def _new_password() -> str:
    import secrets

    return secrets.token_urlsafe(18)


def _say_credentials(message: str, credentials: dict[str, Any], as_json: bool) -> None:
    if as_json:
        say_json(credentials)
        return
    say(message)
    say(f"API key, shown only once: {credentials['apiKey']}")
    if "password" in credentials:
        say(f"Password, shown only once: {credentials['password']}")
