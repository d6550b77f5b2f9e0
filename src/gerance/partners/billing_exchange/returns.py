"""Return files: what partners upload to /inbox about payments.

A line reports whether the bill of a customer for a month was paid. A new status becomes an event
of the customer; bad lines are reported. An identical file is read once, unless none of its lines
was accepted. After a kill, reading it again repeats no change.
"""

import hashlib
import math
import os
import re
import time
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import islice
from pathlib import Path
from typing import NamedTuple, TypeVar

import structlog

from gerance.kernel.db import Connection, Pool
from gerance.kernel.locks import files_of, session_lock
from gerance.kernel.log.writer import Writer
from gerance.kernel.months import Month
from gerance.kernel.transactions import PASSING
from gerance.partners.billing_exchange.billing import billing_file
from gerance.partners.billing_exchange.folders import Folder
from gerance.partners.billing_exchange.payments import ReturnFile, take
from gerance.partners.billing_exchange.places import INBOX, FilePath
from gerance.partners.billing_exchange.returns_problems import LineProblem
from gerance.partners.billing_exchange.returns_report import Report
from gerance.partners.billing_exchange.returns_text import (
    MOST_BYTES,
    Return,
    decoded,
    read_lines,
    whole_file_problem,
)

log = structlog.get_logger("gerance.billing")

T = TypeVar("T")
TOGETHER = 500
"""Lines in one batch."""
AGAIN_SECONDS = 60.0
"""The backoff of a file that could not be read."""

_TABLES = (".csv", ".tsv", ".xls", ".xlsx", ".ods")
_NAME = re.compile(r"(?P<code>.+)_(?P<period>\d{4}-\d{2})_retours\.csv", re.ASCII)


class LineCounts(NamedTuple):
    """The accepted and rejected lines of a file. A rejected file counts as one line."""

    accepted_count: int
    rejected: int


class Inbox:
    """Reads the return files in the folders below `root`.

    It caches the state of each file, so that unchanged files are not read again.
    """

    def __init__(self, pool: Pool, writer: Writer, root: Path) -> None:
        self._pool = pool
        self._writer = writer
        self._root = root
        self._looked_at: dict[tuple[str, str], tuple[tuple[int, ...], float]] = {}

    async def read_all(self, today: date) -> None:
        """Read every new file of every partner."""
        async with self._pool.connection() as connection:
            rows = await connection.execute("SELECT code FROM partner WHERE NOT disabled")
            codes = [str(code) for (code,) in await rows.fetchall()]
        present: set[tuple[str, str]] = set()
        for code in codes:
            folder = Folder(self._root, code)
            for name, facts in _candidates(folder):
                present.add((code, name))
                state = (facts.st_ino, facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns)
                before, until = self._looked_at.get((code, name), (None, 0.0))
                if before == state and time.monotonic() < until:
                    continue
                until = math.inf
                try:
                    await self._read(folder, name, today)
                except PASSING:
                    raise
                except Exception:
                    # Any error, expected or not, concerns this file: the files of other partners
                    # must not wait for it. It is logged, and the file is read again later.
                    log.exception("returns not read", partner=code, file=name)
                    until = time.monotonic() + AGAIN_SECONDS
                self._looked_at[code, name] = state, until
        for missing_key in self._looked_at.keys() - present:
            del self._looked_at[missing_key]

    async def _read(self, folder: Folder, name: str, today: date) -> None:
        try:
            content = _content(folder, name)
        except FileNotFoundError:
            return
        sha256 = hashlib.sha256(content).hexdigest()
        async with (
            self._pool.connection() as connection,
            session_lock(connection, files_of(f"in {folder.code}")),
        ):
            earlier = await connection.execute(
                "SELECT FROM partner_return_file WHERE partner = %s AND sha256 = %s AND name = %s"
                " AND taken > 0",
                [folder.code, sha256, name],
            )
            if await earlier.fetchone() is not None:
                return
            outcome = await self._take(connection, folder, name, content, sha256, today)
            await connection.execute(
                "INSERT INTO partner_return_file (partner, sha256, name, taken, rejected)"
                " VALUES (%s, %s, %s, %s, %s) ON CONFLICT (partner, sha256, name) DO UPDATE"
                " SET taken = excluded.taken, rejected = excluded.rejected",
                [folder.code, sha256, name, *outcome],
            )
        log.info("returns read", partner=folder.code, file=name, **outcome._asdict())

    async def _take(
        self,
        connection: Connection,
        folder: Folder,
        name: str,
        content: bytes,
        sha256: str,
        today: date,
    ) -> LineCounts:
        period = await _billed_period(connection, folder.code, name)
        report = Report(folder, name)
        if isinstance(period, LineProblem):
            report.write_whole(period)
            return LineCounts(0, 1)
        if (problem := whole_file_problem(content)) is not None:
            report.write_whole(problem)
            return LineCounts(0, 1)
        return_file = ReturnFile(folder.code, period, sha256, today)
        accepted_count = 0
        numbers: dict[str, int] = {}
        with report.writing() as rejected:
            for batch in _batches(_without_repetitions(read_lines(decoded(content)), numbers)):
                lines = [each for each in batch if isinstance(each, Return)]
                problems = [each for each in batch if isinstance(each, LineProblem)]
                problems += await take(connection, self._writer, return_file, lines)
                rejected.add(sorted(problems))
                accepted_count += len(batch) - len(problems)
        return LineCounts(accepted_count, rejected.count)


def _candidates(folder: Folder) -> list[tuple[str, os.stat_result]]:
    """The CSV files and spreadsheets in /inbox, without temporary files of clients (`x.csv.part`,
    `.x.csv`). Spreadsheets are rejected, with a report that names the form."""
    try:
        entries = folder.entries(INBOX)
    except OSError:
        return []
    return [(name, facts) for name, facts in entries if _is_table(name)]


def _is_table(name: str) -> bool:
    return name.lower().endswith(_TABLES) and not name.startswith((".", "~"))


def _content(folder: Folder, name: str) -> bytes:
    """The bytes of a file, up to one more than the limit."""
    with os.fdopen(folder.open_to_read(FilePath(INBOX, name)), "rb") as file:
        return file.read(MOST_BYTES + 1)


async def _billed_period(connection: Connection, code: str, name: str) -> Month | LineProblem:
    """The month in the name of the file, which must have been billed."""
    match = _NAME.fullmatch(name)
    expected = f"{code}_<period>_retours.csv"
    if match is None or match["code"] != code:
        return LineProblem(0, "name", (expected,))
    try:
        period = Month.parse(match["period"])
    except ValueError:
        return LineProblem(0, "month", (expected, match["period"]))
    if await billing_file(connection, code, period) is None:
        return LineProblem(0, "not_billed", (period,))
    return period


def _without_repetitions(
    lines: Iterable[Return | LineProblem], numbers: dict[str, int]
) -> Iterator[Return | LineProblem]:
    """The lines. A second line about a customer is a problem."""
    for line in lines:
        if isinstance(line, Return) and line.client_id in numbers:
            yield LineProblem(line.number, "twice", (numbers[line.client_id],))
            continue
        if isinstance(line, Return):
            numbers[line.client_id] = line.number
        yield line


def _batches(lines: Iterator[T]) -> Iterator[list[T]]:
    while batch := list(islice(lines, TOGETHER)):
        yield batch
