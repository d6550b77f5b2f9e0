"""The text format of return files: client_id;status;reason."""

import csv
import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from gerance.kernel.fold import fold
from gerance.kernel.text import normal
from gerance.partners.billing_exchange.csv_text import unmarked
from gerance.partners.billing_exchange.returns_problems import LineProblem

MOST_BYTES = 16 * 1024 * 1024
MOST_LINES = 300_000
LONGEST_LINE = 4096
LONGEST_REASON = 1000

Status = Literal["paid", "unpaid"]

_STATUSES: dict[str, Status] = {
    "paid": "paid",
    "paye": "paid",
    "payee": "paid",
    "unpaid": "unpaid",
    "impaye": "unpaid",
    "impayee": "unpaid",
}
_HEADINGS = {
    "client_id": "client_id",
    "status": "status",
    "statut": "status",
    "reason": "reason",
    "motif": "reason",
}
_SEPARATOR = re.compile(r"sep=([;,\t|])?[;,]*", re.IGNORECASE)
_FORMULA = re.compile(r'="(.*)"', re.DOTALL)
"""Text as spreadsheets keep it from becoming a number: `="0012"`."""
# Programs of DOS and some of today end a text with Ctrl-Z.
_END_OF_FILE = b"\x1a"


class Return(NamedTuple):
    """A valid line about the bill of a customer. `number`: of the line, from 1."""

    number: int
    client_id: str
    status: Status
    reason: str


def whole_file_problem(content: bytes) -> LineProblem | None:
    """The problem for which the whole file is rejected, if any.

    A file that does not end with a line end may be incomplete: some clients close the file properly
    when their user interrupts them.
    """
    if len(content) > MOST_BYTES:
        return LineProblem(0, "bytes", (MOST_BYTES,))
    if not content.strip():
        return LineProblem(0, "empty")
    if b"\x00" in content:
        return LineProblem(0, "encoding")
    if not content.rstrip(_END_OF_FILE).endswith((b"\n", b"\r")):
        return LineProblem(0, "cut_off")
    if content.count(b"\n") + content.count(b"\r") > 2 * MOST_LINES:
        return LineProblem(0, "lines", (MOST_LINES,))
    return None


def decoded(content: bytes) -> str:
    """The text of a file: UTF-8 with or without a byte order mark, else Windows-1252, which Excel
    uses for CSV in France. Bytes that Windows-1252 does not have become U+FFFD."""
    content = content.rstrip(_END_OF_FILE)
    try:
        return normal(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def read_lines(text: str) -> Iterator[Return | LineProblem]:
    """The lines and problems in their order, without the heading and empty lines.

    A cell in quotes may have line ends (RFC 4180), within the longest line: a quote that is not
    closed until then affects one line only. The first line may name the separator, as Excel does
    (`sep=;`), and the heading may have the columns in any order.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    columns = _Columns()
    number = 0
    while number < len(lines):
        first, cells, number = number, *_record(lines, number, columns.separator)
        if first >= MOST_LINES:
            yield LineProblem(first + 1, "lines", (MOST_LINES,))
            return
        if isinstance(cells, str):
            yield LineProblem(first + 1, cells, (LONGEST_LINE,) if cells == "long_line" else ())
        elif any(cells) and not columns.take_heading(first, cells):
            yield _read_cells(first + 1, columns.in_order(cells))


class _Columns:
    """The separator of a file and the order of its columns."""

    def __init__(self) -> None:
        self.separator = ";"
        self._order: list[int] | None = None
        self._is_begun = False

    def take_heading(self, number: int, cells: list[str]) -> bool:
        """Whether the cells are no line: the separator, or the heading."""
        if self._is_begun:
            return False
        names = [_HEADINGS.get(fold(cell)) for cell in cells]
        if number == 0 and (match := _SEPARATOR.fullmatch(";".join(cells).strip('"'))):
            self.separator = match[1] or ";"
            return True
        self._is_begun = True
        if "client_id" not in names:
            return False
        if "status" in names:
            self._order = [
                names.index(name) if name in names else -1
                for name in ("client_id", "status", "reason")
            ]
        return True

    def in_order(self, cells: list[str]) -> list[str]:
        """The cells in the order client_id, status, reason."""
        if self._order is None or self._order == list(range(len(self._order))):
            return cells
        return [cells[place] if 0 <= place < len(cells) else "" for place in self._order]


def _record(lines: list[str], first: int, separator: str) -> tuple[list[str] | str, int]:
    """The cells of the record that begins on a line, or the code of its problem; the line after
    it."""
    if len(lines[first]) > LONGEST_LINE:
        return "long_line", first + 1
    after, length, quotes = first + 1, len(lines[first]), lines[first].count('"')
    while quotes % 2 and after < len(lines) and length < LONGEST_LINE:
        length += len(lines[after]) + 1
        quotes += lines[after].count('"')
        after += 1
    if quotes % 2 or length > LONGEST_LINE:
        return "quotes", first + 1
    line = "\n".join(lines[first:after])
    try:
        (cells,) = csv.reader([line], delimiter=separator, strict=True) if line.strip() else ([""],)
    except (csv.Error, ValueError):
        return "quotes", first + 1
    return [_FORMULA.sub(r"\1", cell.strip()) for cell in cells], after


def _read_cells(number: int, cells: list[str]) -> Return | LineProblem:
    while len(cells) > 3 and not cells[-1]:
        cells.pop()
    if not 2 <= len(cells) <= 3:
        return LineProblem(number, "cells", (len(cells),))
    client_id, status, reason = (*cells, "")[:3]
    reason = " ".join(reason.split())
    if not client_id:
        return LineProblem(number, "no_client")
    known_status = _STATUSES.get(fold(status))
    if known_status is None:
        return LineProblem(number, "status", (repr(status[:40]),))
    if len(reason) > LONGEST_REASON:
        return LineProblem(number, "long_reason", (LONGEST_REASON,))
    if not (client_id + reason).replace("\u00a0", " ").isprintable():
        return LineProblem(number, "characters")
    return Return(number, unmarked(client_id), known_status, reason)
