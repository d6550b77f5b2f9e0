"""Reports of rejected lines: files in /inbox/rejected, and a text to read beside the billing files
in /outbox, where partners look anyway."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import BinaryIO

from gerance.partners.billing_exchange.csv_text import BOM, csv_line
from gerance.partners.billing_exchange.folders import Folder
from gerance.partners.billing_exchange.places import (
    LONGEST_NAME,
    OUTBOX,
    REJECTED,
    FilePath,
)
from gerance.partners.billing_exchange.returns_problems import LineProblem, explanation

MOST_LINES = 10_000
"""Rejected lines in a report. Only the number of further lines is given."""
MOST_REPORTS = 100
"""Reports of a partner. The oldest ones are deleted."""

MOST_EXPLAINED = 50
"""Rejected lines that the text explains."""

_BEHIND = "_rejets.csv"
_ERRORS = ".errors.txt"


class RejectedLines:
    """The rejected lines of a file, and their `count`."""

    def __init__(self, file: BinaryIO) -> None:
        self.count = 0
        self.explained: list[LineProblem] = []
        self._file = file
        file.write(BOM + csv_line(["line", "reason", "motif"]).encode())

    def add(self, problems: Sequence[LineProblem]) -> None:
        """Add lines in the order of the file."""
        room = max(0, MOST_LINES - self.count)
        self.count += len(problems)
        self.explained += problems[: MOST_EXPLAINED - len(self.explained)]
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
        self._name = name
        self._place = FilePath(REJECTED, _cut(name.rpartition(".")[0], _BEHIND))
        self._errors = FilePath(OUTBOX, _cut(name, _ERRORS))

    @contextmanager
    def writing(self) -> Iterator[RejectedLines]:
        """The report to which rejected lines are added. It replaces an earlier one."""
        with self._folder.writing(*self._place) as file:
            lines = RejectedLines(file)
            yield lines
            lines.end()
        if lines.count:
            self._folder.deliver(*self._errors, [self._text(lines).encode()])
        else:
            self._folder.remove(self._place)
            with suppress(FileNotFoundError):
                self._folder.remove(self._errors)
        self._forget_oldest()

    def write_whole(self, problem: LineProblem) -> None:
        """Write the report of a file that was rejected as a whole."""
        with self.writing() as lines:
            lines.add([problem])

    def _text(self, lines: RejectedLines) -> str:
        """What was wrong with the file, in English and French."""
        place = self._place.path
        summary = [
            f"{self._name}: {lines.count} rejected. All others are accepted.",
            f"Correct them and upload the file again. The complete list is {place}.",
            f"{self._name} : {lines.count} rejet(s). Les autres lignes sont acceptées.",
            f"Corrigez-les et déposez le fichier de nouveau. La liste complète est {place}.",
        ]
        for nth, (line, file) in enumerate((("line", "file"), ("ligne", "fichier"))):
            summary.append("")
            for problem in lines.explained:
                where = f"{line} {problem.number}" if problem.number else file
                summary.append(f"{where}: {explanation(problem)[nth]}")
        return "\r\n".join([*summary, ""])

    def _forget_oldest(self) -> None:
        for directory, end in ((REJECTED, ""), (OUTBOX, _ERRORS)):
            entries = [each for each in self._folder.entries(directory) if each[0].endswith(end)]
            for name, _ in sorted(entries, key=lambda each: each[1].st_mtime_ns)[:-MOST_REPORTS]:
                self._folder.remove(FilePath(directory, name))


def _cut(name: str, end: str) -> str:
    """The name with `end` behind it, within the limit of names."""
    return os.fsencode(name)[: LONGEST_NAME - len(end)].decode(errors="ignore") + end
