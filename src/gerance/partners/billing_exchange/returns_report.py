"""Reports of rejected lines: files in /inbox/rejected."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import BinaryIO

from gerance.partners.billing_exchange.csv_text import BOM, csv_line
from gerance.partners.billing_exchange.folders import Folder
from gerance.partners.billing_exchange.places import LONGEST_NAME, REJECTED, FilePath
from gerance.partners.billing_exchange.returns_problems import LineProblem, explanation

MOST_LINES = 10_000
"""Rejected lines in a report. Only the number of further lines is given."""
MOST_REPORTS = 100
"""Reports of a partner. The oldest ones are deleted."""

_BEHIND = "_rejets.csv"


class RejectedLines:
    """The rejected lines of a file, and their `count`."""

    def __init__(self, file: BinaryIO) -> None:
        self.count = 0
        self._file = file
        file.write(BOM + csv_line(["line", "reason", "motif"]).encode())

    def add(self, problems: Sequence[LineProblem]) -> None:
        """Add lines in the order of the file."""
        room = max(0, MOST_LINES - self.count)
        self.count += len(problems)
        for problem in problems[:room]:
            self._write(problem)

    def end(self) -> None:
        """Add the number of lines that are not listed."""
        if self.count > MOST_LINES:
            self._write(LineProblem(0, "more", (self.count - MOST_LINES,)))

    def _write(self, problem: LineProblem) -> None:
        self._file.write(csv_line([problem.number, *explanation(problem)]).encode())


class Report:
    """The report on a file. It does not exist when all lines were accepted."""

    def __init__(self, folder: Folder, name: str) -> None:
        self._folder = folder
        stem = os.fsencode(name[: -len(".csv")])[: LONGEST_NAME - len(_BEHIND)]
        self._place = FilePath(REJECTED, stem.decode(errors="ignore") + _BEHIND)

    @contextmanager
    def writing(self) -> Iterator[RejectedLines]:
        """The report to which rejected lines are added. It replaces an earlier one."""
        with self._folder.writing(*self._place) as file:
            lines = RejectedLines(file)
            yield lines
            lines.end()
        if not lines.count:
            self._folder.remove(self._place)
        self._forget_oldest()

    def write_whole(self, problem: LineProblem) -> None:
        """Write the report of a file that was rejected as a whole."""
        with self.writing() as lines:
            lines.add([problem])

    def _forget_oldest(self) -> None:
        entries = self._folder.entries(REJECTED)
        for name, _ in sorted(entries, key=lambda entry: entry[1].st_mtime_ns)[:-MOST_REPORTS]:
            self._folder.remove(FilePath(REJECTED, name))
