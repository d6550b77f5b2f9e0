"""`gerance users`: accounts, their passwords and one-time codes."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from gerance.cli.command_group import CommandGroup
from gerance.cli.installation import with_connection
from gerance.cli.options import Home, Json, PasswordStdin, read_line
from gerance.cli.output import count_noun, say, say_json, say_list

if TYPE_CHECKING:
    from gerance.kernel.db import Connection

app = CommandGroup("Add, list and disable accounts; set passwords.")
totp = CommandGroup("Require one-time codes (TOTP) of an account.")
app.add_typer(totp, name="totp")

Login = Annotated[str, typer.Argument(help="Login of the account.", show_default=False)]


@app.command("add")
def add(
    login: Login,
    kind: Annotated[
        str,
        typer.Option(
            help="superUser, callCenterUser, clientAccountManager, executive, patrimonyManager or"
            " patrimonyUser.",
            show_default=False,
        ),
    ],
    last_name: Annotated[str, typer.Option(help="Family name.", show_default=False)],
    first_name: Annotated[str | None, typer.Option(help="Given name.", show_default="none")] = None,
    company: Annotated[
        str | None,
        typer.Option(metavar="UID", help="Call centre or client account.", show_default="none"),
    ] = None,
    agency: Annotated[
        list[str] | None,
        typer.Option(metavar="UID", help="Agency; repeatable.", show_default="none"),
    ] = None,
    patrimony: Annotated[
        list[str] | None,
        typer.Option(metavar="UID", help="Patrimony; repeatable.", show_default="none"),
    ] = None,
    job: Annotated[str | None, typer.Option(help="Job title.", show_default="none")] = None,
    phone: Annotated[str | None, typer.Option(help="Phone number.", show_default="none")] = None,
    password_stdin: PasswordStdin = False,
    generate: Annotated[
        bool, typer.Option("--generate", help="Generate a password and print it, once.")
    ] = False,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Add an account. The password is read from the terminal, never from an argument."""
    import secrets

    from gerance.incidents.users.memberships import require_belongings
    from gerance.kernel.identity import accounts

    password = secrets.token_urlsafe(18) if generate else _read_password(password_stdin)

    async def check_and_add(connection: "Connection") -> str:
        await require_belongings(
            connection,
            kind=kind,
            company=company,
            agencies=agency or (),
            patrimonies=patrimony or (),
        )
        return await accounts.add_user(
            connection,
            kind=kind,
            login=login,
            password=password,
            first_name=first_name,
            last_name=last_name,
            company_uid=company,
            agency_uids=agency or (),
            patrimony_uids=patrimony or (),
            job=job,
            phone=phone,
        )

    uid = with_connection(home, check_and_add)
    if as_json:
        generated = {"password": password} if generate else {}
        say_json({"uid": uid, "login": login, **generated})
        return
    say(f"Added {login} ({kind}), uid {uid}.")
    if generate:
        say(f"Password, shown only once: {password}")


@app.command("list")
def list_accounts(home: Home = None, as_json: Json = False) -> None:
    """List the accounts by login."""
    from gerance.kernel.identity import accounts

    rows = with_connection(home, accounts.list_users)
    columns = {"login": "Login", "kind": "Kind", "firstName": "First name"}
    columns |= {"lastName": "Last name", "disabled": "Disabled", "uid": "Uid"}
    none = "There is no account yet. Add one with `gerance users add`."
    say_list(rows, columns, none=none, as_json=as_json)


@app.command("password")
def password(login: Login, password_stdin: PasswordStdin = False, home: Home = None) -> None:
    """Set the password of an account. Its sessions end."""
    from gerance.kernel.identity import accounts

    new = _read_password(password_stdin)
    with_connection(home, lambda connection: accounts.set_password(connection, login, new))
    say(f"{login} has a new password.")


@app.command("edition")
def edition(
    login: Login,
    edition: Annotated[
        str, typer.Argument(help="2016, 2017 or 2020.", show_default=False, metavar="EDITION")
    ],
    hide: Annotated[
        list[str] | None,
        typer.Option(
            metavar="TYPE",
            help="Event type or kind of user that the client cannot read; repeatable.",
            show_default="none",
        ),
    ] = None,
    home: Home = None,
) -> None:
    """Set the edition of the incident API whose shapes the client of an account reads."""
    from gerance.incidents.aggregates import BY_EVENT_TYPE
    from gerance.kernel.errors import Rejection
    from gerance.kernel.identity import accounts

    hidden_types = hide or []
    for name in hidden_types:
        if name not in BY_EVENT_TYPE and name not in accounts.KINDS:
            raise Rejection(
                "UnknownEventType", f"There is no event type and no kind of user {name!r}."
            )
    with_connection(
        home, lambda connection: accounts.set_edition(connection, login, edition, hidden_types)
    )
    also = f", without {', '.join(hidden_types)}" if hidden_types else ""
    say(f"The client of {login} reads the edition of {edition}{also}.")


@app.command("disable")
def disable(login: Login, home: Home = None) -> None:
    """Disable an account. It cannot log in, and its sessions end."""
    from gerance.kernel.identity import accounts

    with_connection(home, lambda connection: accounts.disable_user(connection, login))
    say(f"{login} can no longer log in.")


@app.command("log-out")
def log_out(login: Login, home: Home = None) -> None:
    """End all sessions of an account."""
    from gerance.kernel.identity import accounts

    count = with_connection(home, lambda connection: accounts.log_out_user(connection, login))
    say(f"Ended {count_noun(count, 'session')} of {login}.")


@totp.command("enable")
def enable(login: Login, home: Home = None, as_json: Json = False) -> None:
    """Require a one-time code at each login, and print the secret and recovery codes, once.

    Run it again for a new device: earlier codes become invalid. The sessions of the account end.
    """
    from gerance.kernel.identity.one_time_codes import enable_totp

    enrolment = with_connection(home, lambda connection: enable_totp(connection, login))
    if as_json:
        say_json({"uri": enrolment.uri, "recoveryCodes": enrolment.recovery_codes})
        return
    say(f"{login} needs a one-time code to log in. Add this to an app; it is shown only once:")
    say(enrolment.uri)
    say("Recovery codes, each valid for one login without the app:")
    for code in enrolment.recovery_codes:
        say(code)


@totp.command("disable")
def disable_codes(login: Login, home: Home = None) -> None:
    """Stop requiring one-time codes. The sessions of the account end."""
    from gerance.kernel.identity.one_time_codes import disable_totp

    with_connection(home, lambda connection: disable_totp(connection, login))
    say(f"{login} logs in without a one-time code.")


def _read_password(from_stdin: bool) -> str:
    from gerance.cli.failures import Failure

    if from_stdin:
        return read_line()
    if not sys.stdin.isatty():
        raise Failure("there is no terminal to read the password from: use --password-stdin")
    password: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return password
