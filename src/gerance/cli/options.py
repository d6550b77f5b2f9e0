"""Options and arguments that several commands share."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from datetime import date

Home = Annotated[
    str | None,
    typer.Option(
        "--home",
        metavar="DIR",
        help="Directory of the installation.",
        show_default="GERANCE_HOME, else ~/.local/share/gerance",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Host = Annotated[
    str | None, typer.Option(metavar="ADDRESS", help="Listen here.", show_default="127.0.0.1")
]
Port = Annotated[
    int | None, typer.Option(help="Port to listen on; 0: any free one.", show_default="8000")
]
AdminPort = Annotated[
    int | None,
    typer.Option(
        help="Port of /metrics, /live and /ready; 0: any free one.", show_default="--port + 1"
    ),
]
AllowDemoAccounts = Annotated[
    bool,
    typer.Option(
        "--allow-demo-accounts",
        help="Start although the database has demonstration accounts, whose passwords are public.",
    ),
]
PasswordStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input, one line.")
]
PartnerCode = Annotated[str, typer.Argument(help="Code of the partner.", show_default=False)]
ClientId = Annotated[str, typer.Argument(help="client_id of the customer.", show_default=False)]
BillingPeriod = Annotated[
    str, typer.Option(metavar="MONTH", help="Month, such as 2026-11.", show_default=False)
]
OutcomeFilter = Annotated[
    str | None,
    typer.Option(
        "--outcome", help="Only this outcome: delivered, failed or dead.", show_default="all"
    ),
]
ListLimit = Annotated[int, typer.Option("--limit", min=1, max=1000, help="List at most this many.")]
Months = Annotated[
    int | None,
    typer.Option(min=1, max=120, help="Offer this many months.", show_default=False),
]
ForGood = Annotated[bool, typer.Option("--for-good", help="Offer all months to come.")]
LastDay = Annotated[
    str, typer.Option(metavar="YYYY-MM-DD", help="Last day of the contract.", show_default=False)
]


def read_line() -> str:
    """The first line of standard input, such as a password."""
    import sys

    return sys.stdin.readline().rstrip("\r\n")


def read_text(path: Path | None) -> str | None:
    """The content of a file that an option names."""
    return None if path is None else path.read_text(encoding="utf-8", errors="replace")


def parse_day(text: str) -> "date":
    """The day that `--date` names. Raises Failure."""
    from gerance.cli.failures import Failure
    from gerance.partners.parameters.problems import WrongParameter
    from gerance.partners.parameters.values import day

    try:
        return day(text)
    except WrongParameter:
        raise Failure(f"--date: expected a day like 2026-11-30, got {text!r}") from None
