"""The text format of return files: client_id;status;reason."""

import csv
from collections.abc import Iterator
from typing import Literal, NamedTuple

from gerance.kernel.fold import fold
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
    "unpaid": "unpaid",
    "impaye": "unpaid",
}


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
    if not content.endswith((b"\n", b"\r")):
        return LineProblem(0, "cut_off")
    if content.count(b"\n") + content.count(b"\r") > 2 * MOST_LINES:
        return LineProblem(0, "lines", (MOST_LINES,))
    return None


def decoded(content: bytes) -> str:
    """The text of a file: UTF-8 with or without a byte order mark, else Windows-1252, which Excel
    uses for CSV in France. Bytes that Windows-1252 does not have become U+FFFD."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def read_lines(text: str) -> Iterator[Return | LineProblem]:
    """The lines and problems in their order, without the heading and empty lines.

    Each line is parsed separately, so that an unclosed quote affects one line only.
    """
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1):
        if not line.strip(" ;\t"):
            continue
        if number > MOST_LINES:
            yield LineProblem(number, "lines", (MOST_LINES,))
            return
        read = _read_line(number, line)
        if read is not None:
            yield read


def _read_line(number: int, line: str) -> Return | LineProblem | None:
    if len(line) > LONGEST_LINE:
        return LineProblem(number, "long_line", (LONGEST_LINE,))
    try:
        (cells,) = csv.reader([line], delimiter=";", strict=True)
    except (csv.Error, ValueError):
        return LineProblem(number, "quotes")
    cells = [cell.strip() for cell in cells]
    while len(cells) > 3 and not cells[-1]:
        cells.pop()
    if number == 1 and fold(cells[0]) == "client_id":
        return None
    if not 2 <= len(cells) <= 3:
        return LineProblem(number, "cells", (len(cells),))
    client_id, status, reason = (*cells, "")[:3]
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
