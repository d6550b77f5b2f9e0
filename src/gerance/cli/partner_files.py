"""`gerance partners ...`: bills, the folders that have them, and what came back."""

import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from gerance.cli.connecting import with_connection
from gerance.cli.output import Home, Json

if TYPE_CHECKING:
    from gerance.kernel.db import Connection
    from gerance.kernel.execute import Writer

T = TypeVar("T")

Code = Annotated[str, typer.Argument(help="The code of the partner.", show_default=False)]
ProposalId = Annotated[int, typer.Argument(help="The number of the proposal.", show_default=False)]


def add_to(app: typer.Typer) -> None:
    """Add these commands to `gerance partners`."""
    for name, command in (
        ("bill", bill),
        ("files", files),
        ("file-access", file_access),
        ("push-to", push_to),
        ("pushes", pushes),
        ("push", push),
        ("proposals", proposals),
        ("approve", approve),
        ("reject", reject),
    ):
        app.command(name)(command)


def bill(
    period: Annotated[
        str, typer.Option(help="The month, e.g. 2026-11.", show_default=False, metavar="MONTH")
    ],
    partner: Annotated[
        list[str] | None,
        typer.Option(metavar="CODE", help="The partner; repeatable.", show_default="all of them"),
    ] = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Compute what each partner bills its customers for a month, and put the file into its folder.

    A month is computed once: asked again, the same bytes are put back if they are gone.
    """
    from gerance.cli.failures import Failure
    from gerance.cli.output import say_json, say_rows
    from gerance.kernel.errors import Refused
    from gerance.partners.billing_exchange.billing import bill_partner
    from gerance.partners.billing_exchange.delivery import Damaged, restore
    from gerance.partners.billing_exchange.period import Period

    try:
        month = Period.parse(period)
    except ValueError as wrong:
        raise Failure(f"--period: {wrong}") from wrong
    root, today = _root_and_day(home)
    failed: list[str] = []

    async def bill_all(connection: "Connection") -> list[dict[str, Any]]:
        rows = []
        for code in partner or await _codes(connection):
            try:
                file, new = await bill_partner(connection, code, month, today=today)
                row = _row(file) | {"new": new}
                rows.append(row)
                await restore(connection, root, file)
            except (Refused, Damaged, OSError) as failure:
                failed.append(f"{code}: {failure}")
        return rows

    rows = with_connection(home, bill_all)
    if as_json:
        say_json(rows)
    elif rows or not failed:
        columns = {"name": "File", "lines": "Lines", "amountExclTax": "Excl. tax"}
        columns |= {"amountInclTax": "Incl. tax", "new": "New"}
        say_rows(rows, columns, none="There is no partner to bill.")
    if failed:
        raise Failure("; ".join(failed))


def files(code: Code, home: Home = None, as_json: Json = False) -> None:
    """List the billing files of a partner."""
    from gerance.cli.output import say_json, say_rows
    from gerance.partners.billing_exchange.billing import billing_files

    found = with_connection(home, lambda connection: billing_files(connection, code))
    rows = [_row(file) for file in found]
    if as_json:
        say_json(rows)
        return
    columns = {"name": "File", "lines": "Lines", "amountExclTax": "Excl. tax"}
    columns |= {"amountInclTax": "Incl. tax", "created": "Computed", "sha256": "SHA-256"}
    say_rows(rows, columns, none="Nothing was billed yet: `gerance partners bill --help`.")


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
    typer.echo(f"{code} logs in by SFTP as {given}.")


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
    from gerance.partners.billing_exchange.pushing import set_target
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
    typer.echo(f"{code}: files are pushed to {url}." if url else f"{code}: nothing is pushed.")


def pushes(home: Home = None, as_json: Json = False) -> None:
    """List what was pushed, will be, or was given up."""
    from gerance.cli.output import say_json, say_rows
    from gerance.partners.billing_exchange.pushing import list_pushes

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
    from gerance.partners.billing_exchange.pushing import push_again

    with_connection(home, lambda connection: push_again(connection, code, name))
    typer.echo(f"{name} will be pushed.")


def proposals(
    every: Annotated[bool, typer.Option("--all", help="Those that were decided too.")] = False,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """List what is proposed and waits for an operator."""
    from gerance.cli.output import say_json, say_rows
    from gerance.partners.proposals.deciding import list_proposals

    rows = with_connection(home, lambda connection: list_proposals(connection, every=every))
    if as_json:
        say_json(rows)
        return
    columns = {"id": "No.", "partner": "Partner", "client_id": "Client", "kind": "What"}
    columns |= {"reason": "Why", "source": "From", "state": "State", "created": "Since"}
    say_rows(rows, columns, none="Nothing is proposed.")


def approve(number: ProposalId, home: Home = None) -> None:
    """Do what is proposed."""
    from gerance.partners.proposals.deciding import approve as approve_proposal

    _, today = _root_and_day(home)
    told = _with_writer(
        home,
        lambda connection, writer: approve_proposal(
            connection, writer, number, today=today, actor="operator"
        ),
    )
    typer.echo(told)


def reject(number: ProposalId, home: Home = None) -> None:
    """Leave everything as it is."""
    from gerance.partners.proposals.deciding import reject as reject_proposal

    with_connection(home, lambda connection: reject_proposal(connection, number, actor="operator"))
    typer.echo(f"Proposal {number} is rejected; nothing changes.")


def _root_and_day(home: str | None) -> Any:
    """The directory of the partners' folders, and the day it is where the installation is."""
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from gerance.kernel.settings import load_settings
    from gerance.partners.billing_exchange.serving import partners_root

    settings = load_settings(home=home)
    return partners_root(settings), datetime.now(ZoneInfo(settings.timezone)).date()


async def _codes(connection: "Connection") -> list[str]:
    rows = await connection.execute("SELECT code FROM partner WHERE NOT disabled ORDER BY code")
    return [str(code) for (code,) in await rows.fetchall()]


def _row(file: Any) -> dict[str, Any]:
    return {
        "partner": file.partner,
        "period": file.period,
        "name": file.name,
        "lines": file.lines,
        "amountExclTax": file.amount_excl_tax,
        "amountInclTax": file.amount_incl_tax,
        "size": file.size,
        "sha256": file.sha256,
        "position": file.position,
        "created": file.created,
    }


def _with_writer(home: str | None, act: "Callable[[Connection, Writer], Awaitable[T]]") -> "T":
    """What `act` gives on a connection and a writer of the installation's database."""
    import asyncio

    from gerance.kernel.db import open_pool
    from gerance.kernel.embedded import database
    from gerance.kernel.errors import Refused
    from gerance.kernel.execute import opened_writer
    from gerance.kernel.settings import load_settings

    async def run(url: str) -> T | Refused:
        async with (
            open_pool(url, size=4, statement_timeout_ms=30_000) as pool,
            opened_writer(pool) as writer,
            pool.connection() as connection,
        ):
            try:
                return await act(connection, writer)
            except Refused as refused:
                # The writer's group would wrap one that is raised.
                return refused

    with database(load_settings(home=home)) as url:
        done = asyncio.run(run(url))
    if isinstance(done, Refused):
        raise done
    return done


def _line() -> str:
    return sys.stdin.readline().rstrip("\r\n")


def _text(path: Path | None) -> str | None:
    return None if path is None else path.read_text(encoding="utf-8", errors="replace")
