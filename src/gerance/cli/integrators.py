"""`gerance integrators`: who may use the rental API, as whoever operates the installation says."""

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gerance.cli.connect import with_connection
from gerance.cli.output import Home, Json, say

if TYPE_CHECKING:
    from gerance.kernel.identity.scope import Scope

app = typer.Typer(
    help="Add, list, rotate, disable and enable integrators of the rental API.",
    no_args_is_help=True,
)

UserName = Annotated[
    str, typer.Argument(help="The user name of the integrator.", show_default=False)
]
PasswordStdin = Annotated[
    bool,
    typer.Option("--password-stdin", help="Read the password from standard input, one line."),
]


@app.command("add")
def add(
    user_name: UserName,
    name: Annotated[
        str | None, typer.Option(help="What people call it.", show_default="its user name")
    ] = None,
    read_only: Annotated[bool, typer.Option("--read-only", help="It changes nothing.")] = False,
    only_set: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME",
            help="An entity set that it may use; repeatable.",
            show_default="all of them",
        ),
    ] = None,
    place: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PLACE",
            help="A company (3) or one of its divisions (3-1) that it sees; repeatable.",
            show_default="all of them",
        ),
    ] = None,
    incidents: Annotated[
        bool, typer.Option("--incidents", help="It reads the sets of the incident side too.")
    ] = False,
    partners: Annotated[
        bool, typer.Option("--partners", help="It reads the customers of partners too.")
    ] = False,
    password_stdin: PasswordStdin = False,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Add an integrator. Its API key, and its password unless it is given, are printed once."""
    from uuid import uuid4

    from gerance.kernel.identity import integrators

    scope = _scope(
        only_set or [], place or [], read_only=read_only, incidents=incidents, partners=partners
    )
    password = _given_password() if password_stdin else _new_password()
    uid = str(uuid4())
    key = with_connection(
        home,
        lambda connection: integrators.add_integrator(
            connection, user_name=user_name, password=password, scope=scope, name=name, uid=uid
        ),
    )
    shown = {} if password_stdin else {"password": password}
    added = {"uid": uid, "userName": user_name, "apiKey": key, **shown}
    _say_secrets(f"Added {user_name}, uid {uid}.", added, as_json)


@app.command("list")
def list_all(home: Home = None, as_json: Json = False) -> None:
    """List the integrators by user name."""
    from gerance.cli.output import say_json, say_rows
    from gerance.kernel.identity import integrators
    from gerance.kernel.identity.scope import place_text

    rows = with_connection(home, integrators.list_integrators)
    for row in rows:
        row["places"] = row["places"] and [place_text(place) for place in row["places"]]
    if as_json:
        say_json(rows)
        return
    for row in rows:
        row["sets"] = "all" if row["sets"] is None else ", ".join(row["sets"])
        row["places"] = "all" if row["places"] is None else ", ".join(row["places"])
    columns = {"userName": "User name", "name": "Name", "readOnly": "Read only"}
    columns |= {
        "incidents": "Incidents",
        "partners": "Partners",
        "disabled": "Disabled",
        "places": "Places",
    }
    columns |= {"sets": "Sets", "uid": "Uid"}
    say_rows(rows, columns, none="There is no integrator yet: `gerance integrators add --help`.")


@app.command("rotate")
def rotate(
    user_name: UserName,
    new_password: Annotated[
        bool, typer.Option("--new-password", help="Make up a new password too.")
    ] = False,
    password_stdin: PasswordStdin = False,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Give an integrator a new API key, printed once; its old key and its tokens are void."""
    from gerance.cli.failures import Failure
    from gerance.kernel.identity import integrators

    if new_password and password_stdin:
        raise Failure("--new-password and --password-stdin: choose one")
    password = _given_password() if password_stdin else None
    if new_password:
        password = _new_password()
    key = with_connection(
        home,
        lambda connection: integrators.rotate_integrator(connection, user_name, password=password),
    )
    shown = {"password": password} if new_password else {}
    told = f"{user_name} has a new key; its tokens are void."
    _say_secrets(told, {"userName": user_name, "apiKey": key, **shown}, as_json)


@app.command("disable")
def disable(user_name: UserName, home: Home = None) -> None:
    """Disable an integrator: it gets no token any more, and those it has are void."""
    from gerance.kernel.identity import integrators

    with_connection(home, lambda connection: integrators.disable_integrator(connection, user_name))
    say(f"{user_name} gets no token any more; its tokens are void.")


@app.command("enable")
def enable(user_name: UserName, home: Home = None) -> None:
    """Enable a disabled integrator; its key and its password are those it had."""
    from gerance.kernel.identity import integrators

    with_connection(home, lambda connection: integrators.enable_integrator(connection, user_name))
    say(f"{user_name} gets tokens again.")


def _scope(
    sets: list[str], places: list[str], *, read_only: bool, incidents: bool, partners: bool
) -> "Scope":
    from gerance.kernel.identity.scope import checked_scope

    known, of_incidents, of_partners = _sets() if sets else ([], [], [])
    return checked_scope(
        sets=sets,
        places=places,
        known_sets=known,
        incident_sets=of_incidents,
        partner_sets=of_partners,
        read_only=read_only,
        incidents=incidents,
        partners=partners,
    )


def _sets() -> tuple[list[str], list[str], list[str]]:
    """The names of all entity sets, of those of the incident side and of the partner side."""
    from gerance.incidents.odata import TYPES as INCIDENTS
    from gerance.partners.odata import TYPES as PARTNERS
    from gerance.rentals.model import FUNCTIONS, TYPES

    answers = {function.returns for function in FUNCTIONS}
    of_incidents = [each.set_name for each in INCIDENTS]
    of_partners = [each.set_name for each in PARTNERS]
    rentals = [each.set_name for each in TYPES if each.name not in answers]
    return [*rentals, *of_incidents, *of_partners], of_incidents, of_partners


def _given_password() -> str:
    return sys.stdin.readline().rstrip("\r\n")


def _new_password() -> str:
    import secrets

    return secrets.token_urlsafe(18)


def _say_secrets(told: str, shown: dict[str, Any], as_json: bool) -> None:
    from gerance.cli.output import say_json

    if as_json:
        say_json(shown)
        return
    say(told)
    say(f"API key, shown this once: {shown['apiKey']}")
    if "password" in shown:
        say(f"Password, shown this once: {shown['password']}")
