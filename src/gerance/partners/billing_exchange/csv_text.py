"""The text form of a billing file: what Excel opens in one click, and nothing that it computes.

UTF-8 with a byte order mark, `;` between cells, CRLF, decimal comma, quotes as RFC 4180 has them.
"""

import csv
import io
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

BOM = "\ufeff".encode()
_FORMULAS = "=+-@"
# Full-width signs count as the plain ones in some versions of Excel.
_BEGINNINGS = (*_FORMULAS, "＝", "＋", "－", "＠", "\t", "\r", "\n")


def csv_line(cells: Iterable[str | int | date | Decimal | None]) -> str:
    """One line, with its CRLF. Texts that a spreadsheet would compute begin with an apostrophe."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";", lineterminator="\r\n").writerow([_cell(cell) for cell in cells])
    return text.getvalue()


def amount(value: Decimal) -> str:
    """With two decimals and a comma: 1234,50."""
    return f"{value:.2f}".replace(".", ",")


def _cell(value: str | int | date | Decimal | None) -> str:
    match value:
        case None:
            return ""
        case Decimal():
            return amount(value)
        case date():
            return value.isoformat()
        case int():
            return str(value)
    return harmless(value)


def harmless(text: str) -> str:
    """The text, with an apostrophe before it if a spreadsheet could take it for a formula."""
    if text.startswith(_BEGINNINGS) or text.lstrip().startswith(_BEGINNINGS):
        return "'" + text
    return text


def unmarked(text: str) -> str:
    """The text without the apostrophe that `harmless` put before it."""
    return text[1:] if text == harmless(text[1:]) else text
