"""One statement that locks and loads rows with all that the rules see of other entities.

It takes its locks in the order of `kernel/locks.py`: what the rows belong to for good, the rows by
id, what they refer to in the order of their references, the effective day, the numbers of new rows.
Each step waits for the one before it, as a condition on its count.

A statement sees what was committed when it began. Rows that it locks are read as they are once it
has them; another row that appeared while it waited is seen by the next statement only, so a missing
reference is looked up once more (`Loader.load`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from gerance.kernel.db import Connection
from gerance.kernel.locks import RENTALS_EFFECTIVE_DAY, hold_sql, numbers_sql
from gerance.kernel.odata.access import Access
from gerance.kernel.odata.edm import EntityType
from gerance.rentals.declare.rules import Reference, Row, Rules
from gerance.rentals.writing.tables import Table, relation

NEW = "new"
LOCKED = {"change": ("NO KEY UPDATE", ""), "delete": ("UPDATE", ""),
          "claim": ("NO KEY UPDATE", " SKIP LOCKED")}  # fmt: skip
"""The kinds that lock the rows: how, and what happens when others have locked them."""


class LoadedRow(NamedTuple):
    """A row as it was (with the defaults of a new one), and the rows that it refers to by the names
    of the references, None for one that is not there. `nth`: which of the keys found it, from
    1."""

    row: dict[str, Any]
    references: dict[str, Row | None]
    nth: int = 1


class LoadKey(NamedTuple):
    """What a statement depends on. `kind`: NEW, or why rows are loaded; `keys`: the columns that
    find a row; `columns`: those with new values that references depend on; `owners`: types of which
    rows that are referred to are locked, as what is derived for them changes."""

    kind: str
    keys: tuple[str, ...]
    columns: tuple[str, ...]
    many: bool
    day: bool
    owners: frozenset[str]
    limited: bool


@dataclass
class LoadStatement:
    """`references`: for each its columns in the result, after those of the row."""

    sql: str
    width: int
    references: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)


async def load_rows(
    connection: Connection,
    table: Table,
    rules: Rules,
    kind: str,
    keys: Sequence[Row],
    columns: Sequence[Row],
    access: Access,
    *,
    day: bool = False,
    owners: frozenset[str] = frozenset(),
) -> list[LoadedRow]:
    """Load rows by their keys, or what new rows with these columns refer to.

    `keys`, `columns`: for each row, the same names in all; `access`: rows beyond its places are not
    there; `day`: hold the effective day; `owners`: see `LoadKey`. Returns the rows that exist, in
    the order of their keys.
    """
    new_columns = tuple(each for each in dependent_columns(rules) if columns and each in columns[0])
    places = access.rows(table.entity) if kind != NEW else None
    key = LoadKey(
        kind,
        tuple(keys[0]) if kind != NEW else (),
        new_columns,
        len(columns) > 1,
        day,
        owners,
        places is not None,
    )
    statement = table.statements.get(key)
    if statement is None:
        statement = table.statements[key] = _Builder(table, rules, key).build()
    parameters: dict[str, Any] = {"today": RENTALS_EFFECTIVE_DAY.name}
    for name in key.keys:
        values = [each[name] for each in keys]
        parameters[f"k_{name}"] = values if key.many else values[0]
    for name in new_columns:
        values = [each[name] for each in columns]
        parameters[f"g_{name}"] = values if key.many else values[0]
    if not key.keys and not new_columns:
        parameters["g_"] = len(columns)
    for name in table.entity.scope if places is not None else ():
        parameters[f"p_{name}"] = [place.get(name) for place in places or ()]
    cursor = await connection.execute(statement.sql, parameters)
    return [_row_of(table, statement, values, kind) for values in await cursor.fetchall()]


def dependent_columns(rules: Rules) -> tuple[str, ...]:
    """The columns on which it depends what a row refers to."""
    names = [own for each in rules.references for own, _ in (*each.by, *each.fills)]
    return tuple(dict.fromkeys(names))


def condition(to: EntityType, alias: str, values: Mapping[str, str]) -> str:
    """SQL: the row `alias` of the type has these values (SQL by columns); blanks at the end of
    codes do not matter."""
    codes = {each.column for each in to.properties if each.code}
    return " AND ".join(
        f"rtrim({alias}.{name}) = rtrim({value})" if name in codes else f"{alias}.{name} = {value}"
        for name, value in values.items()
    )


def is_within(entity: EntityType, row: Row, access: Access) -> bool:
    """Whether a row is in one of the places that an access is limited to."""
    places = access.rows(entity)
    return places is None or any(
        all(row[column] == value for column, value in place.items()) for place in places
    )


def _row_of(table: Table, statement: LoadStatement, values: Sequence[Any], kind: str) -> LoadedRow:
    width = statement.width
    names = table.columns if kind != NEW else table.defaults
    row = dict(zip(names, values[:width], strict=True))
    references: dict[str, Row | None] = {}
    for name, columns in statement.references:
        part = values[width : width + len(columns)]
        width += len(columns)
        # The id comes first.
        references[name] = None if part[0] is None else dict(zip(columns, part, strict=True))
    return LoadedRow(row, references, values[-1])


class _Builder:
    """The text of one statement, part by part."""

    def __init__(self, table: Table, rules: Rules, key: LoadKey) -> None:
        self.table, self.rules, self.key = table, rules, key
        self.parts: list[str] = []
        self.last_lock: str | None = None
        # SQL of a column in the row `r`, as it will be; of one that is not there: null.
        self.new: dict[str, str] = {}
        # The references that gave columns their values.
        self.sources: dict[str, set[str]] = {}

    def build(self) -> LoadStatement:
        table, key = self.table, self.key
        existing = key.kind != NEW
        if existing:
            self._lock_owners()
            self._target()
        else:
            self._new_target()
        statement = LoadStatement("", len(table.columns if existing else table.defaults))
        joins, selection = [], []
        if key.kind != "delete":
            self._lock_referenced()
            for nth, reference in enumerate(self.rules.references):
                columns = self._reference(nth, reference)
                if columns:
                    statement.references.append((reference.name, columns))
                    selection += [f"ref_{nth}.{each}" for each in columns]
                    joins.append(f" LEFT JOIN ref_{nth} ON ref_{nth}.nth = r.nth")
        if key.day:
            self._lock("day", f"SELECT {hold_sql('%(today)s', share=True)}")
        if not existing and self.rules.numbering is not None:
            self._lock_numbers()
        names = table.columns if existing else table.defaults
        own = [f"r.{each}" for each in names]
        after = f" WHERE (SELECT count(*) FROM {self.last_lock}) >= 0" if self.last_lock else ""
        statement.sql = (
            f"WITH {', '.join(self.parts)} SELECT {', '.join([*own, *selection, 'r.nth'])}"
            f" FROM target r{''.join(joins)}{after} ORDER BY r.nth"
        )
        return statement

    # Steps

    def _part(self, name: str, sql: str) -> None:
        self.parts.append(f"{name} AS MATERIALIZED ({sql})")

    def _lock(self, name: str, sql: str) -> None:
        """A part that takes locks once those before it are taken. `sql` ends before its WHERE."""
        self._part(name, f"{sql}{self._after('WHERE')}")
        self.last_lock = name

    def _after(self, word: str) -> str:
        return f" {word} (SELECT count(*) FROM {self.last_lock}) >= 0" if self.last_lock else ""

    def _keys(self) -> str:
        key, types = self.key, self.table.types
        names = [f"k_{each}" for each in key.keys] + [f"g_{each}" for each in key.columns]
        if not names:
            return "generate_series(1, %(g_)s) AS k (nth)"
        kinds = {f"{prefix}_{name}": kind for name, kind in types.items() for prefix in "kg"}
        return relation(kinds, names, many=key.many)

    def _matches(self, alias: str) -> str:
        values = {each: f"k.k_{each}" for each in self.key.keys}
        return condition(self.table.entity, alias, values)

    def _lock_owners(self) -> None:
        for nth, owner in enumerate(self.rules.owners):
            ((own, theirs),) = owner.by
            rows = f"SELECT t.{own} FROM {self._keys()} JOIN {self.table.source} t ON"
            self._part(
                f"owner_{nth}",
                f"SELECT o.id FROM {owner.to.source} o WHERE o.{theirs} ="
                f" ANY(ARRAY({rows} {self._matches('t')})){self._after('AND')}"
                f" ORDER BY o.id FOR {owner.lock}",
            )
            self.last_lock = f"owner_{nth}"

    def _target(self) -> None:
        key, table = self.key, self.table
        new_columns = "".join(f", k.g_{each}" for each in key.columns)
        columns = ", ".join(f"t.{each}" for each in table.columns)
        where = "true"
        if key.limited:
            scope = table.entity.scope
            arrays = ", ".join(f"%(p_{each})s::{table.types[each]}[]" for each in scope)
            same = " AND ".join(f"coalesce(p.{each}, t.{each}) = t.{each}" for each in scope)
            names = ", ".join(scope)
            where = f"EXISTS (SELECT FROM unnest({arrays}) AS p ({names}) WHERE {same})"
        lock = ""
        if key.kind in LOCKED:
            strength, suffix = LOCKED[key.kind]
            lock = f" FOR {strength} OF t{suffix}"
        self._part(
            "target",
            f"SELECT k.nth{new_columns}, {columns} FROM {self._keys()}"
            f" JOIN {table.source} t ON {self._matches('t')}"
            f" WHERE {where}{self._after('AND')} ORDER BY t.id{lock}",
        )
        if lock:
            self.last_lock = "target"
        self.new = {each: f"r.{each}" for each in table.columns}
        self.new |= {each: f"r.g_{each}" for each in key.columns}

    def _new_target(self) -> None:
        defaults = "".join(f", {sql} AS {name}" for name, sql in self.table.defaults.items())
        new_columns = "".join(f", k.g_{each}" for each in self.key.columns)
        self._part("target", f"SELECT k.nth{new_columns}{defaults} FROM {self._keys()}")
        self.new = {each: f"r.{each}" for each in self.table.defaults}
        self.new |= {each: f"r.g_{each}" for each in self.key.columns}

    def _lock_referenced(self) -> None:
        """Rows that will be changed: those that are left and those that it enters, by id."""
        targets: dict[str, tuple[EntityType, list[Reference]]] = {}
        for reference in self.rules.references:
            if reference.lock == "NO KEY UPDATE" and reference not in self.rules.owners:
                targets.setdefault(reference.to.name, (reference.to, []))[1].append(reference)
        for name, (to, references) in targets.items():
            own = {column for each in references for column, _ in each.by}
            if not (own & set(self.key.columns)) and self.key.kind != NEW:
                continue
            ids = [
                f"SELECT x.id FROM target r JOIN {to.source} x ON {condition(to, 'x', values)}"
                for each in references
                for values in self._values(each)
            ]
            if len(ids) < 2:
                continue
            part = f"lock_{name.lower()}"
            self._part(
                part,
                f"SELECT x.id FROM {to.source} x WHERE x.id = ANY(ARRAY({' UNION '.join(ids)}))"
                f"{self._after('AND')} ORDER BY x.id FOR NO KEY UPDATE",
            )
            self.last_lock = part

    def _values(self, reference: Reference) -> Iterable[dict[str, str]]:
        """SQL by the columns of the other side: as the row will be, and as it was."""
        sides = [self.new]
        if self.key.kind != NEW and any(own in self.key.columns for own, _ in reference.by):
            sides.append({each: f"r.{each}" for each in self.table.columns})
        for side in sides:
            if all(own in side for own, _ in reference.by):
                yield {theirs: side[own] for own, theirs in reference.by}

    def _reference(self, nth: int, reference: Reference) -> tuple[str, ...]:
        """Add the rows that it leads to; their columns, none when it leads nowhere."""
        if any(own not in self.new for own, _ in reference.by):
            return ()
        to = reference.to
        columns = dict.fromkeys(
            ["id", *to.scope, *reference.columns, *(theirs for _, theirs in reference.fills)]
        )
        values = {theirs: self.new[own] for own, theirs in reference.by}
        joins = {each for value in values.values() for each in self._parts_in(value)}
        outer = "".join(f" LEFT JOIN {each} ON {each}.nth = r.nth" for each in sorted(joins))
        locks = self._locks(reference)
        lock = f" ORDER BY x.id FOR {reference.lock} OF x" if locks else ""
        selection = ", ".join(f"x.{each}" for each in columns)
        self._part(
            f"ref_{nth}",
            f"SELECT r.nth, {selection} FROM target r{outer} JOIN {to.source} x"
            f" ON {condition(to, 'x', values)}"
            f"{self._after('WHERE')}{lock}",
        )
        if locks:
            self.last_lock = f"ref_{nth}"
        for own, theirs in reference.fills:
            self._fill(nth, own, theirs)
        return tuple(columns)

    def _locks(self, reference: Reference) -> bool:
        """Whether the row must stay as it is read: it is new to the row, or changes with it."""
        if self.key.kind == NEW or reference in self.rules.owners:
            return self.key.kind in (NEW, *LOCKED)
        moves = any(own in self.key.columns or own in self.sources for own, _ in reference.by)
        changes = reference.lock == "NO KEY UPDATE" and reference.to.name in self.key.owners
        return self.key.kind in LOCKED and (moves or changes)

    def _parts_in(self, value: str) -> Iterable[str]:
        """The parts that an expression names."""
        parts = {part for parts in self.sources.values() for part in parts}
        return [part for part in parts if f"{part}." in value]

    def _fill(self, nth: int, own: str, theirs: str) -> None:
        """The column gets its value from the reference, unless it has a new one."""
        before = self.new.get(own, "NULL")
        value = f"coalesce(ref_{nth}.{theirs}, {before})"
        if own in self.key.columns:
            new = f"r.g_{own}"
            if self.key.kind == NEW:
                return
            old = f"coalesce(ref_{nth}.{theirs}, r.{own})"
            value = f"CASE WHEN {new} IS DISTINCT FROM r.{own} THEN {new} ELSE {old} END"
        self.new[own] = value
        self.sources.setdefault(own, set()).add(f"ref_{nth}")

    def _lock_numbers(self) -> None:
        numbering = self.rules.numbering
        assert numbering is not None
        per = [self.new.get(each, "NULL") for each in numbering.per]
        joins = {each for value in per for each in self._parts_in(value)}
        outer = "".join(f" LEFT JOIN {each} ON {each}.nth = r.nth" for each in sorted(joins))
        name = numbers_sql(self.table.source, numbering.column, per)
        names = f"SELECT DISTINCT {name} AS name FROM target r{outer} ORDER BY 1"
        self._lock("numbers", f"SELECT {hold_sql('n.name', wide=True)} FROM ({names}) n")
