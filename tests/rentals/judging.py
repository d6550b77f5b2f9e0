"""What the rules say of a row that is to be written: no database, no clock."""

from datetime import UTC, date, datetime
from typing import Any

from gerance.rentals.declare.rules import Candidate, Problem, Row, no_problems
from gerance.rentals.model.rules import RULES
from gerance.rentals.writing.tables import columns_of

TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 14, 30, tzinfo=UTC)


def candidate(
    name: str, row: Row, before: Row | None = None, found: Row | None = None
) -> Candidate:
    """A row of the type with that name: `row`, over what it was before if it was there."""
    empty: dict[str, Any] = dict.fromkeys(columns_of(RULES[name].entity))
    return Candidate(
        row=empty | dict(before or {}) | dict(row),
        before=None if before is None else empty | dict(before),
        references=dict(found or {}),
        today=TODAY,
        now=NOW,
    )


def completed(
    name: str, row: Row, before: Row | None = None, found: Row | None = None
) -> dict[str, Any]:
    """The row with what follows from it."""
    asked = candidate(name, row, before, found)
    return dict(asked.row) | dict(RULES[name].complete(asked))


def problems(
    name: str, row: Row, before: Row | None = None, found: Row | None = None
) -> list[Problem]:
    """Why the row may not be written, once it is completed."""
    whole = completed(name, row, before, found)
    asked = candidate(name, whole, before, found)
    return [*RULES[name].check(asked), *(RULES[name].check_client or no_problems)(asked)]


def codes(
    name: str, row: Row, before: Row | None = None, found: Row | None = None
) -> list[tuple[str, str | None]]:
    """Code and property of each problem."""
    return [(each.code, each.target) for each in problems(name, row, before, found)]
