"""`gerance partners bill` and `files`: the billing files of partners."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from gerance.cli.installation import today, with_connection, with_partner
from gerance.cli.options import BillingPeriod, Home, Json, PartnerCode
from gerance.cli.output import say_list

if TYPE_CHECKING:
    from gerance.kernel.db import Connection

_COLUMNS = {
    "name": "File",
    "lines": "Lines",
    "amountExclTax": "Excl. tax",
    "amountInclTax": "Incl. tax",
}


def bill(
    period: BillingPeriod,
    partner: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CODE", help="Bill this partner; repeatable.", show_default="all partners"
        ),
    ] = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Compute the billing files of a month and put them into the partners' folders.

    A month is computed once. Running the command again restores missing files.
    """
    from gerance.cli.failures import Failure
    from gerance.kernel.errors import Rejection
    from gerance.kernel.months import Month
    from gerance.kernel.settings import load_settings
    from gerance.partners.billing_exchange.billing import bill_partner
    from gerance.partners.billing_exchange.delivery import DamagedFile, restore
    from gerance.partners.billing_exchange.sftp_service import partners_root

    try:
        month = Month.parse(period)
    except ValueError as error:
        raise Failure(f"--period: {error}") from error
    root = partners_root(load_settings(home=home))
    failures: list[str] = []

    async def bill_all(connection: "Connection") -> list[dict[str, Any]]:
        rows = []
        for code in partner or await _enabled_partners(connection):
            try:
                file, new = await bill_partner(connection, code, month, today=today(home))
                rows.append(_row(file) | {"new": new})
                await restore(connection, root, file)
            except (Rejection, DamagedFile, OSError) as failure:
                failures.append(f"{code}: {failure}".removesuffix("."))
        return rows

    rows = with_connection(home, bill_all)
    if rows or as_json or not failures:
        none = "There is no partner to bill."
        say_list(rows, _COLUMNS | {"new": "New"}, none=none, as_json=as_json)
    if failures:
        raise Failure("; ".join(failures) + ".")


def files(code: PartnerCode, home: Home = None, as_json: Json = False) -> None:
    """List the billing files of a partner."""
    from gerance.partners.billing_exchange.billing import billing_files

    rows = [
        _row(file)
        for file in with_partner(home, code, lambda connection: billing_files(connection, code))
    ]
    columns = _COLUMNS | {"created": "Computed", "sha256": "SHA-256"}
    none = "There is no billing file yet. Compute one with `gerance partners bill`."
    say_list(rows, columns, none=none, as_json=as_json)


async def _enabled_partners(connection: "Connection") -> list[str]:
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
