"""What a partner is told of lines that could not be taken: a file in /inbox/rejected."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import BinaryIO

from gerance.partners.billing_exchange.csv_text import BOM, csv_line
from gerance.partners.billing_exchange.folders import Folder
from gerance.partners.billing_exchange.places import LONGEST_NAME, REJECTED, FilePath
from gerance.partners.billing_exchange.returns_problems import LineProblem, explanation

MOST_LINES = 10_000
"""Bad lines that a report names; of the rest it says how many there are."""
MOST_REPORTS = 100
"""Reports of one partner; the oldest go."""

_BEHIND = "_rejets.csv"


class RejectedLines:
    """The bad lines of a file, as they are found; `count` of them."""

    def __init__(self, file: BinaryIO) -> None:
        self.count = 0
        self._file = file
        file.write(BOM + csv_line(["line", "reason", "motif"]).encode())

    def add(self, problems: Sequence[LineProblem]) -> None:
        """Some more, in the order of the file."""
        room = max(0, MOST_LINES - self.count)
        self.count += len(problems)
        for problem in problems[:room]:
            self._write(problem)

    def end(self) -> None:
        """Say how many more there are than were named."""
        if self.count > MOST_LINES:
            self._write(LineProblem(0, "more", (self.count - MOST_LINES,)))

    def _write(self, problem: LineProblem) -> None:
        self._file.write(csv_line([problem.number, *explanation(problem)]).encode())


class Report:
    """The report on a file of this name; there is none when nothing was wrong with it."""

    def __init__(self, folder: Folder, name: str) -> None:
        self._folder = folder
        stem = os.fsencode(name[: -len(".csv")])[: LONGEST_NAME - len(_BEHIND)]
        self._place = FilePath(REJECTED, stem.decode(errors="ignore") + _BEHIND)

    @contextmanager
    def writing(self) -> Iterator[RejectedLines]:
        """The report, to which bad lines are added; it replaces the one before."""
        with self._folder.writing(*self._place) as file:
            lines = RejectedLines(file)
            yield lines
            lines.end()
        if not lines.count:
            self._folder.remove(self._place)
        self._forget_oldest()

    def write_whole(self, problem: LineProblem) -> None:
        """The report that nothing of the file was taken."""
        with self.writing() as lines:
            lines.add([problem])

    def _forget_oldest(self) -> None:
        entries = self._folder.entries(REJECTED)
        for name, _ in sorted(entries, key=lambda entry: entry[1].st_mtime_ns)[:-MOST_REPORTS]:
            self._folder.remove(FilePath(REJECTED, name))
