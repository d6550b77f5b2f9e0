"""Rows that a limited integrator sees, and rows of another company on which every expression that
can fail does fail: of each entity type, made from its table's columns."""

from typing import Any

import psycopg
from psycopg import sql

from gerance.entity_sets import MODEL
from gerance.kernel.odata.edm import EntityType

FIRST, SECOND = 1, 2
"""Ids of the rows that are seen; the second leads to the first foreign row."""
LARGE, ENDLESS = 2_000_000, 2_000_001
"""Ids of the foreign rows, which lead to the first row that is seen."""
OWNER, STRANGER = "00000000-0000-4000-8000-00000000000a", "00000000-0000-4000-8000-00000000000b"
LETTERS = {FIRST: "a", SECOND: "b", LARGE: "c", ENDLESS: "d"}
PARENTS = {FIRST: FIRST, SECOND: LARGE, LARGE: FIRST, ENDLESS: FIRST}
DAYS = {LARGE: "295000-01-01", ENDLESS: "infinity"}
MOMENTS = {LARGE: "290000-01-01", ENDLESS: "infinity"}
NUMBERS = {LARGE: 1e10}

_COLUMNS = (
    "SELECT column_name, data_type, character_maximum_length"
    " FROM information_schema.columns WHERE table_schema || '.' || table_name = %s"
    " AND is_generated = 'NEVER' ORDER BY ordinal_position"
)
_FREE = """
DO $$ DECLARE c record; BEGIN
  FOR c IN SELECT conrelid::regclass AS t, conname FROM pg_constraint
    WHERE contype IN ('f', 'c', 'x', 'u') AND connamespace = 'rentals'::regnamespace
  LOOP
    EXECUTE format('ALTER TABLE %s DROP CONSTRAINT IF EXISTS %I CASCADE', c.t, c.conname);
  END LOOP;
END $$
"""


def fill(url: str, *, foreign: bool) -> None:
    """Make the rows; the foreign ones too or not."""
    numbers = [FIRST, SECOND, *([LARGE, ENDLESS] if foreign else [])]
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(_FREE)
        for entity in MODEL.types.values():
            table = "public.delivery" if entity.owned else entity.source
            if not entity.owned and not table.startswith("rentals."):
                continue
            columns = connection.execute(_COLUMNS, [table]).fetchall()
            for number in numbers if entity.scope or entity.owned else (FIRST, SECOND):
                _insert(connection, table, {c[0]: _value(entity, number, *c) for c in columns})
        connection.execute("ANALYZE")


def _insert(connection: psycopg.Connection, table: str, row: dict[str, Any]) -> None:
    statement = sql.SQL("INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE VALUES ({})").format(
        sql.Identifier(*table.split(".")),
        sql.SQL(", ").join(map(sql.Identifier, row)),
        sql.SQL(", ").join(sql.Placeholder() * len(row)),
    )
    connection.execute(statement, list(row.values()))


def _value(
    entity: EntityType,
    number: int,
    column: str,
    kind: str,
    length: int | None,
) -> Any:
    seen = number in (FIRST, SECOND)
    if column in ("company_no", "division_no"):
        return 1 if seen else 2
    if column == "owner":
        return OWNER if seen else STRANGER
    if column == "flavour":
        return "rentals"
    if column == "outcome":
        return "dead"
    if column == "id":
        return number
    if any(column == own for n in entity.navigations if not n.many for own, _ in n.columns):
        return _link(number, kind, length)
    match kind:
        case "integer" | "bigint" | "smallint" | "numeric":
            return ord(LETTERS[number]) - ord("a")
        case "real" | "double precision":
            return NUMBERS.get(number, 0.5)
        case "boolean":
            return True
        case "date":
            return DAYS.get(number, "2026-03-01")
        case "timestamp with time zone":
            return MOMENTS.get(number, "2026-03-01")
        case "uuid":
            return f"00000000-0000-8000-8000-{number:012x}"
        case "bytea":
            return b"content"
        case _:
            return LETTERS[number] if length is None or length < 9 else f"{LETTERS[number]} secret"


def _link(number: int, kind: str, length: int | None) -> Any:
    parent = PARENTS[number]
    if kind == "uuid":
        return f"00000000-0000-8000-8000-{parent:012x}"
    return parent if kind in ("integer", "bigint") else _code(parent, length)


def _code(parent: int, length: int | None) -> str:
    letter = LETTERS[parent]
    return letter if length is None or length < 9 else f"{letter} secret"
