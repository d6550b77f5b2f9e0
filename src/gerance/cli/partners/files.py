"""`gerance partners file-access`, `push-to`, `push` and `pushes`: the exchange of files."""

from pathlib import Path
from typing import Annotated

import typer

from gerance.cli.installation import with_connection
from gerance.cli.options import Home, Json, PartnerCode, PasswordStdin, read_line, read_text
from gerance.cli.output import say, say_list


def file_access(
    code: PartnerCode,
    login: Annotated[
        str | None, typer.Option(help="User name for SFTP.", show_default="the code")
    ] = None,
    password_stdin: PasswordStdin = False,
    keys: Annotated[
        Path | None,
        typer.Option(
            help="File of public keys in the format of authorized_keys; they replace earlier keys.",
            dir_okay=False,
            exists=True,
        ),
    ] = None,
    home: Home = None,
) -> None:
    """Let a partner log in by SFTP with a password, public keys or both."""
    from gerance.partners.billing_exchange.access import give_access

    password = read_line() if password_stdin else None
    public_keys = read_text(keys)
    user = with_connection(
        home,
        lambda connection: give_access(
            connection, code, login=login, password=password, public_keys=public_keys
        ),
    )
    say(f"{code} can log in by SFTP as {user}.")


def push_to(
    code: PartnerCode,
    url: Annotated[
        str | None,
        typer.Argument(
            help="sftp://user@host:22/directory, ftps://... or ftp://...; without it, nothing is"
            " pushed.",
            show_default=False,
        ),
    ] = None,
    password_stdin: PasswordStdin = False,
    private_key: Annotated[
        Path | None, typer.Option(help="Private key for SFTP, without passphrase.", exists=True)
    ] = None,
    host_key: Annotated[
        Path | None,
        typer.Option(help="Public key of the SFTP server, from ssh-keyscan.", exists=True),
    ] = None,
    ca: Annotated[
        Path | None,
        typer.Option(help="PEM file of the authority of the FTPS certificate.", exists=True),
    ] = None,
    home: Home = None,
) -> None:
    """Push the billing files of a partner to its own server."""
    from gerance.partners.billing_exchange.push import set_target
    from gerance.partners.billing_exchange.target import read_target

    target = None
    if url is not None:
        target = read_target(
            url,
            password=read_line() if password_stdin else None,
            private_key=read_text(private_key),
            host_key=read_text(host_key),
            ca=read_text(ca),
        )
    with_connection(home, lambda connection: set_target(connection, code, target))
    say(f"Files of {code} are pushed to {url}." if url else f"No files of {code} are pushed.")


def pushes(home: Home = None, as_json: Json = False) -> None:
    """List pushes: done, pending and given up."""
    from gerance.partners.billing_exchange.push import list_pushes

    columns = {"name": "File", "done": "Done", "due": "Next attempt", "failures": "Failures"}
    columns |= {"error": "Last failure"}
    rows = with_connection(home, list_pushes)
    say_list(rows, columns, none="There are no pushes yet.", as_json=as_json)


def push(
    code: PartnerCode,
    name: Annotated[str, typer.Argument(help="Name of the file.", show_default=False)],
    home: Home = None,
) -> None:
    """Push a file again. The worker sends it within seconds."""
    from gerance.partners.billing_exchange.push import push_again

    with_connection(home, lambda connection: push_again(connection, code, name))
    say(f"{name} is pending.")
