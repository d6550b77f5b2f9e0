"""`gerance users`: accounts, as whoever operates the installation handles them."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from gerance.cli.connect import with_connection
from gerance.cli.output import Home, Json, counted, say

if TYPE_CHECKING:
    from gerance.kernel.db import Connection

app = typer.Typer(help="Add, list and disable accounts, and set passwords.", no_args_is_help=True)
totp = typer.Typer(help="Require one-time codes (TOTP) of an account.", no_args_is_help=True)
app.add_typer(totp, name="totp")

Login = Annotated[str, typer.Argument(help="The login of the account.", show_default=False)]
PasswordStdin = Annotated[
    bool,
    typer.Option("--password-stdin", help="Read the password from standard input, one line."),
]


@app.command("add")
def add(
    login: Login,
    kind: Annotated[
        str,
        typer.Option(
            help="superUser, callCenterUser, clientAccountManager, executive, patrimonyManager or "
            "patrimonyUser."
        ),
    ],
    last_name: Annotated[str, typer.Option(help="Family name.")],
    first_name: Annotated[str | None, typer.Option(help="Given name.")] = None,
    company: Annotated[
        str | None, typer.Option(metavar="UID", help="The call centre or client account.")
    ] = None,
    agency: Annotated[
        list[str] | None, typer.Option(metavar="UID", help="An agency of theirs; repeatable.")
    ] = None,
    patrimony: Annotated[
        list[str] | None, typer.Option(metavar="UID", help="A patrimony of theirs; repeatable.")
    ] = None,
    job: Annotated[str | None, typer.Option(help="What the person does.")] = None,
    phone: Annotated[str | None, typer.Option(help="Their phone number.")] = None,
    password_stdin: PasswordStdin = False,
    generate: Annotated[
        bool, typer.Option("--generate", help="Make a password up and print it, once.")
    ] = False,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Add an account. The password is asked for, never an argument."""
    import secrets

    from gerance.cli.output import say_json
    from gerance.incidents.users.memberships import require_belongings
    from gerance.kernel.identity import accounts

    password = secrets.token_urlsafe(18) if generate else _ask_password(password_stdin)

    async def checked(connection: "Connection") -> str:
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

    uid = with_connection(home, checked)
    shown = {"password": password} if generate else {}
    if as_json:
        say_json({"uid": uid, "login": login, **shown})
        return
    say(f"Added {login} ({kind}), uid {uid}.")
    if generate:
        say(f"Password, shown this once: {password}")


@app.command("list")
def list_accounts(home: Home = None, as_json: Json = False) -> None:
    """List the accounts by login."""
    from gerance.cli.output import say_json, say_rows
    from gerance.kernel.identity import accounts

    rows = with_connection(home, accounts.list_users)
    if as_json:
        say_json(rows)
        return
    columns = {"login": "Login", "kind": "Kind", "firstName": "First name"}
    columns |= {"lastName": "Last name", "disabled": "Disabled", "uid": "Uid"}
    say_rows(rows, columns, none="There is no account yet: `gerance users add --help`.")


@app.command("password")
def password(login: Login, password_stdin: PasswordStdin = False, home: Home = None) -> None:
    """Set the password of an account; its sessions end."""
    from gerance.kernel.identity import accounts

    new = _ask_password(password_stdin)
    with_connection(home, lambda connection: accounts.set_password(connection, login, new))
    say(f"{login} has a new password.")


@app.command("disable")
def disable(login: Login, home: Home = None) -> None:
    """Disable an account: log-ins are rejected, and its sessions end."""
    from gerance.kernel.identity import accounts

    with_connection(home, lambda connection: accounts.disable_user(connection, login))
    say(f"{login} can no longer log in.")


@app.command("log-out")
def log_out(login: Login, home: Home = None) -> None:
    """End all sessions of an account."""
    from gerance.kernel.identity import accounts

    ended = with_connection(home, lambda connection: accounts.log_out_user(connection, login))
    say(f"{counted(ended, 'session')} of {login} ended.")


@totp.command("enable")
def enable(login: Login, home: Home = None, as_json: Json = False) -> None:
    """Require a one-time code at each log-in; print the secret and recovery codes, once.

    Run it again for a new device: the secret and the codes before are void. Sessions end.
    """
    from gerance.cli.output import say_json
    from gerance.kernel.identity.one_time_codes import enable_totp

    enrolment = with_connection(home, lambda connection: enable_totp(connection, login))
    if as_json:
        say_json({"uri": enrolment.uri, "recoveryCodes": enrolment.recovery_codes})
        return
    say(f"{login} needs a one-time code from now on. Shown this once, for an app:")
    say(enrolment.uri)
    say("Recovery codes, each good for one log-in without the app:")
    for code in enrolment.recovery_codes:
        say(code)


@totp.command("disable")
def disable_codes(login: Login, home: Home = None) -> None:
    """Require no one-time codes any more. The sessions of the account end."""
    from gerance.kernel.identity.one_time_codes import disable_totp

    with_connection(home, lambda connection: disable_totp(connection, login))
    say(f"{login} logs in without a one-time code.")


def _ask_password(from_stdin: bool) -> str:
    from gerance.cli.failures import Failure

    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise Failure("there is no terminal to ask for the password: use --password-stdin")
    asked: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return asked
