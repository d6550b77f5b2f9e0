"""`gerance partners ...`: the folders of partners, and the servers that files are pushed to."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from gerance.cli import partner_bills, partner_proposals
from gerance.cli.connect import with_connection
from gerance.cli.output import Home, Json, say
from gerance.cli.partner_bills import Code


def add_to(app: typer.Typer) -> None:
    """Add what concerns bills, files and proposals to `gerance partners`."""
    for name, command, panel in (
        ("file-access", file_access, "Set up"),
        ("push-to", push_to, "Set up"),
        ("bill", partner_bills.bill, "Bill"),
        ("files", partner_bills.files, "Bill"),
        ("pushes", pushes, "Bill"),
        ("push", push, "Bill"),
        ("proposals", partner_proposals.proposals, "Decide what is proposed"),
        ("approve", partner_proposals.approve, "Decide what is proposed"),
        ("reject", partner_proposals.reject, "Decide what is proposed"),
    ):
        app.command(name, rich_help_panel=panel)(command)


def file_access(
    code: Code,
    login: Annotated[
        str | None, typer.Option(help="The user name for SFTP.", show_default="the code")
    ] = None,
    password_stdin: Annotated[
        bool,
        typer.Option("--password-stdin", help="Read the password from standard input, one line."),
    ] = False,
    keys: Annotated[
        Path | None,
        typer.Option(
            help="File of public keys, as authorized_keys; they replace those before.",
            dir_okay=False,
            exists=True,
        ),
    ] = None,
    home: Home = None,
) -> None:
    """Let a partner log in by SFTP, with a password, public keys or both."""
    from gerance.partners.billing_exchange.access import give_access

    password = _line() if password_stdin else None
    lines = None if keys is None else keys.read_text(encoding="utf-8", errors="replace")
    given = with_connection(
        home,
        lambda connection: give_access(
            connection, code, login=login, password=password, public_keys=lines
        ),
    )
    say(f"{code} logs in by SFTP as {given}.")


def push_to(
    code: Code,
    url: Annotated[
        str | None,
        typer.Argument(
            help="sftp://user@host:22/directory, ftps://... or ftp://...; without one: nowhere.",
            show_default=False,
        ),
    ] = None,
    password_stdin: Annotated[
        bool,
        typer.Option("--password-stdin", help="Read the password from standard input, one line."),
    ] = False,
    private_key: Annotated[
        Path | None, typer.Option(help="Private key for SFTP, not locked.", exists=True)
    ] = None,
    host_key: Annotated[
        Path | None,
        typer.Option(help="Public key of the SFTP server, as ssh-keyscan has it.", exists=True),
    ] = None,
    ca: Annotated[
        Path | None, typer.Option(help="PEM of who signs the FTPS certificate.", exists=True)
    ] = None,
    home: Home = None,
) -> None:
    """Push a partner's files to its own server from now on; its secrets are not shown again."""
    from gerance.partners.billing_exchange.push import set_target
    from gerance.partners.billing_exchange.target import read_target

    target = None
    if url is not None:
        target = read_target(
            url,
            password=_line() if password_stdin else None,
            private_key=_text(private_key),
            host_key=_text(host_key),
            ca=_text(ca),
        )
    with_connection(home, lambda connection: set_target(connection, code, target))
    say(f"{code}: files are pushed to {url}." if url else f"{code}: nothing is pushed.")


def pushes(home: Home = None, as_json: Json = False) -> None:
    """List what was pushed, will be, or was given up."""
    from gerance.cli.output import say_json, say_rows
    from gerance.partners.billing_exchange.push import list_pushes

    rows = with_connection(home, list_pushes)
    if as_json:
        say_json(rows)
        return
    columns = {"name": "File", "done": "Done", "due": "Next try", "failures": "Failures"}
    say_rows(rows, columns | {"error": "Last failure"}, none="Nothing is pushed.")


def push(
    code: Code,
    name: Annotated[str, typer.Argument(help="The name of the file.", show_default=False)],
    home: Home = None,
) -> None:
    """Push a file again; the background loops do so."""
    from gerance.partners.billing_exchange.push import push_again

    with_connection(home, lambda connection: push_again(connection, code, name))
    say(f"{name} will be pushed.")


def _line() -> str:
    return sys.stdin.readline().rstrip("\r\n")


def _text(path: Path | None) -> str | None:
    return None if path is None else path.read_text(encoding="utf-8", errors="replace")
