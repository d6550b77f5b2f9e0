"""Drafts: rows as they would be, with what the rules find wrong with them. No I/O."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from gerance.kernel.odata.access import Access
from gerance.rentals.declare.rules import Candidate, Problem, Reference, Row, Rules
from gerance.rentals.writing.load_rows import LoadedRow, is_within
from gerance.rentals.writing.tables import Table


@dataclass(frozen=True)
class Draft:
    """`before`: the row as it is, None for a new one; `row`: as it would be; `values`: the columns
    to write; `problems`: why it may not be; `missing`: it refers to rows that do not exist."""

    before: Row | None
    row: Row
    values: dict[str, Any]
    problems: list[Problem]
    missing: bool = False


@dataclass(frozen=True)
class Validator:
    """Checks rows of one type for a writer with this access. `today`: the day in the installation's
    zone at the moment `now`; `client`: the writer is a client of the API."""

    rules: Rules
    access: Access
    today: date
    now: datetime
    client: bool = False

    def create(self, table: Table, columns: Row, source: LoadedRow) -> Draft:
        """A new row with these columns. `source`: its defaults and what it refers to."""
        row = {**dict.fromkeys(table.columns), **source.row, **columns}
        return self._draft(row, dict(columns), None, source)

    def change(self, columns: Row, source: LoadedRow) -> Draft:
        """A row with new values in these columns."""
        return self._draft({**source.row, **columns}, dict(columns), source.row, source)

    def stored(self, source: LoadedRow) -> Iterator[Problem]:
        """The problems of a row that is stored already."""
        references = dict(source.references)
        yield from self.rules.check(self._candidate(source.row, None, references))

    def _draft(
        self, row: dict[str, Any], values: dict[str, Any], before: Row | None, source: LoadedRow
    ) -> Draft:
        references: dict[str, Row | None] = {}
        problems: list[Problem] = []
        columns = frozenset(values)
        for reference in self.rules.references:
            key = [row[own] for own, _ in reference.by]
            references[reference.name] = None
            if None in key:
                continue
            target = source.references.get(reference.name)
            if target is None or not is_within(reference.to, target, self.access):
                problems.append(_missing(reference, key))
                continue
            references[reference.name] = target
            for own, theirs in reference.fills:
                if own not in columns:
                    row[own] = values[own] = target[theirs]
        if problems:
            return Draft(before, row, values, problems, missing=True)
        complete = self.rules.complete(self._candidate(row, before, references))
        row |= complete
        values |= complete
        candidate = self._candidate(row, before, references)
        problems += self.rules.check(candidate)
        if self.client and self.rules.check_client:
            problems += self.rules.check_client(candidate)
        return Draft(before, row, values, problems)

    def _candidate(
        self, row: Row, before: Row | None, references: dict[str, Row | None]
    ) -> Candidate:
        return Candidate(
            row=dict(row), before=before, references=references, today=self.today, now=self.now
        )


def _missing(reference: Reference, key: list[Any]) -> Problem:
    texts = ", ".join(str(value).rstrip() for value in key)
    missing = reference.missing
    return Problem(missing.code, missing.message.replace("{values}", texts), missing.target)
