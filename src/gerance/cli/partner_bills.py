"""`gerance partners bill` and `files`: what partners bill their customers."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from gerance.cli.connect import of_partner, with_connection
from gerance.cli.output import Home, Json

if TYPE_CHECKING:
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from gerance.kernel.db import Connection

Code = Annotated[str, typer.Argument(help="The code of the partner.", show_default=False)]


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
    from gerance.kernel import clock
    from gerance.kernel.errors import Refused
    from gerance.kernel.months import Month
    from gerance.partners.billing_exchange.billing import bill_partner
    from gerance.partners.billing_exchange.delivery import Damaged, restore

    try:
        month = Month.parse(period)
    except ValueError as wrong:
        raise Failure(f"--period: {wrong}") from wrong
    root, zone = _root_and_zone(home)
    failed: list[str] = []

    async def bill_all(connection: "Connection") -> list[dict[str, Any]]:
        rows = []
        for code in partner or await _codes(connection):
            try:
                file, new = await bill_partner(connection, code, month, today=clock.today(zone))
                row = _row(file) | {"new": new}
                rows.append(row)
                await restore(connection, root, file)
            except (Refused, Damaged, OSError) as failure:
                failed.append(f"{code}: {failure}".removesuffix("."))
        return rows

    rows = with_connection(home, bill_all)
    if as_json:
        say_json(rows)
    elif rows or not failed:
        columns = {"name": "File", "lines": "Lines", "amountExclTax": "Excl. tax"}
        columns |= {"amountInclTax": "Incl. tax", "new": "New"}
        say_rows(rows, columns, none="There is no partner to bill.")
    if failed:
        raise Failure("; ".join(failed) + ".")


def files(code: Code, home: Home = None, as_json: Json = False) -> None:
    """List the billing files of a partner."""
    from gerance.cli.output import say_json, say_rows
    from gerance.partners.billing_exchange.billing import billing_files

    found = of_partner(home, code, lambda connection: billing_files(connection, code))
    rows = [_row(file) for file in found]
    if as_json:
        say_json(rows)
        return
    columns = {"name": "File", "lines": "Lines", "amountExclTax": "Excl. tax"}
    columns |= {"amountInclTax": "Incl. tax", "created": "Computed", "sha256": "SHA-256"}
    say_rows(rows, columns, none="Nothing was billed yet: `gerance partners bill --help`.")


def _root_and_zone(home: str | None) -> "tuple[Path, ZoneInfo]":
    """The directory of the partners' folders, and the zone in which days are counted."""

    from gerance.kernel.settings import load_settings
    from gerance.partners.billing_exchange.sftp_service import partners_root

    settings = load_settings(home=home)
    return partners_root(settings), settings.zone


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
