"""The rules of an entity: the same for the API, reactions, the billing run and imports.

A slice's `rules.py` has one `Rules` for each type that is written, and registers them in `SLICE`.
Rules name columns; a `Problem` names the property as clients know it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal, NamedTuple

from gerance.kernel.odata.edm import EntityType
from gerance.rentals.declare.derivation import Derivation

Row = Mapping[str, Any]
"""A row by the names of its columns."""


class Problem(NamedTuple):
    """Why a row cannot be written: a published code, what is wrong, the property."""

    code: str
    message: str
    target: str | None = None


@dataclass(frozen=True, kw_only=True)
class Reference:
    """An entity that a row refers to, looked up before the rules are asked.

    `by`: pairs of an own column and a column of `to`; it is looked up unless an own column is null.
    `fills`: pairs of an own column and the column of `to` that it gets its value from, unless the
    client gave one. `columns`: what the rules need to see of it. `missing`: the problem when there
    is none, with `{values}` for what was asked. `lock`: how it is kept as it was seen until the
    write is done; writers for whom it must not change, or who change it later, say so here.
    """

    name: str
    to: EntityType
    by: tuple[tuple[str, str], ...]
    missing: Problem
    fills: tuple[tuple[str, str], ...] = ()
    columns: tuple[str, ...] = ()
    lock: Literal["KEY SHARE", "SHARE", "NO KEY UPDATE"] = "KEY SHARE"


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A row that is to be written. `before`: as it was, None for a new one; `row`: as it will be,
    with null for each column that was not given; `references`: the rows that it refers to, by name,
    None for one that is not looked up; `today`: the day in the installation's zone; `now`: the
    moment, in UTC."""

    row: Row
    before: Row | None
    references: Mapping[str, Row | None]
    today: date
    now: datetime


@dataclass(frozen=True, kw_only=True)
class Numbering:
    """A column that counts 1, 2, 3 ... among the rows with equal values in `per`."""

    column: str
    per: tuple[str, ...]


class Cascade(NamedTuple):
    """Columns that other rows copy from a row, invisible to clients. `columns`: those that are
    copied; `sql`: updates the copies of the rows `%(ids)s`."""

    columns: tuple[str, ...]
    sql: str


def no_problems(candidate: Candidate) -> Iterable[Problem]:
    """The check of types without rules of their own."""
    return ()


@dataclass(frozen=True, kw_only=True)
class Rules:
    """The rules of an entity type.

    `references`: looked up in this order; `fixed`: columns that never change once written;
    `ways`: groups of columns, each of which says the same as the others: `complete` makes them
    agree, and PUT need give but one of them;
    `check`: all problems of a candidate, none when it is right; `check_client`: those of what a
    client of the API writes, beside `check`; `refuse_delete`: why a row may not
    be deleted; `complete`: values for columns that follow from the others, before it is checked;
    `numbering`; `constraints`: what a violated constraint or index of the database means, by its
    name, with `{column}` in the message for a value of the row; `details`: navigations whose
    entities may be written with it, with the problem when there is none, if it must have some;
    `cascades`: columns of other rows, which clients do not see, that change with a row.
    """

    entity: EntityType
    references: tuple[Reference, ...] = ()
    fixed: tuple[str, ...] = ()
    ways: tuple[tuple[str, ...], ...] = ()
    check: Callable[[Candidate], Iterable[Problem]] = no_problems
    check_client: Callable[[Candidate], Iterable[Problem]] | None = None
    reject_delete: Callable[[Row], Iterable[Problem]] = lambda row: ()
    complete: Callable[[Candidate], Mapping[str, Any]] = lambda candidate: {}
    numbering: Numbering | None = None
    constraints: Mapping[str, Problem] = field(default_factory=dict)
    details: Mapping[str, Problem | None] = field(default_factory=dict)
    cascades: tuple[Cascade, ...] = ()
    owners: tuple[Reference, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "owners", owners_among(self.references, self.fixed))

    @property
    def checks_rows(self) -> bool:
        """Whether rows of this type can have problems, for every writer."""
        return self.check is not no_problems

    def said_otherwise(self, columns: Row) -> frozenset[str]:
        """The columns that need not be given with these, as one of the `ways` is whole."""
        if not any(all(columns.get(each) is not None for each in way) for way in self.ways):
            return frozenset()
        return frozenset(column for way in self.ways for column in way)


def owners_among(references: Iterable[Reference], fixed: Iterable[str]) -> tuple[Reference, ...]:
    """What a row belongs to for good, and keeps as it is while it is written: locked before the
    row, as a transaction that changes it locks the row next."""
    return tuple(
        each
        for each in references
        if each.lock != "KEY SHARE" and all(own in fixed for own, _ in each.by)
    )


class Slice(NamedTuple):
    """What a slice registers: its entity types with a table, and the rules of those that clients
    write."""

    types: tuple[EntityType, ...]
    rules: tuple[Rules, ...] = ()


class Ruleset(NamedTuple):
    """The rules of all rentals, by the names of types, and the derived columns in the order in
    which their owners are locked."""

    rules: Mapping[str, Rules]
    derivations: tuple[Derivation, ...] = ()
