"""What a partner is told of the lines that could not be taken."""

from collections.abc import Sequence

from gerance.partners.billing_exchange.csv_text import BOM, csv_line
from gerance.partners.billing_exchange.returns_text import Problem


def report_name(name: str) -> str:
    """The name of the report on a file, in /inbox/rejected."""
    return f"{name.removesuffix('.csv')}_rejets.csv"


def report(problems: Sequence[Problem]) -> list[bytes]:
    """A CSV file: the number of each bad line (0 for the file as a whole) and what is wrong."""
    lines = [BOM, csv_line(["line", "reason"]).encode()]
    lines += [csv_line([problem.number, problem.why]).encode() for problem in problems]
    return lines
