"""Rows that a limited integrator sees, and rows of another company on which every expression that
can fail does fail: of each entity type, made from its table's columns."""

from typing import Any

import psycopg
from psycopg import sql

from gerance.kernel.odata.edm import EntityType
from gerance.kernel.odata.plan.changes import property_of_column
from gerance.kernel.odata.stream_uid import UID
from gerance.odata_service import MODEL

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


def fill(url: str, *, foreign: bool, strict: bool = False) -> None:
    """Make the rows; the foreign ones too or not. `strict`: rows that do not show their place have
    that of the row they lead to, as the rules of the rentals have it."""
    numbers = [FIRST, SECOND, *([LARGE, ENDLESS] if foreign else [])]
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(_FREE)
        for entity in MODEL.types.values():
            table = "public.delivery" if entity.owner_column else entity.source
            if not entity.owner_column and not table.startswith("rentals."):
                continue
            columns = connection.execute(_COLUMNS, [table]).fetchall()
            for number in numbers if entity.scope or entity.owner_column else (FIRST, SECOND):
                shown = all(property_of_column(entity, column) for column in entity.scope)
                parent = number if strict and not shown else PARENTS[number]
                row = {c[0]: _value(entity, number, parent, *c) for c in columns}
                _insert(connection, table, row)
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
    parent: int,
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
        return _link(parent, kind, length)
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


def _link(parent: int, kind: str, length: int | None) -> Any:
    if kind == "uuid":
        return f"00000000-0000-8000-8000-{parent:012x}"
    return parent if kind in ("integer", "bigint") else _code(parent, length)


def _code(parent: int, length: int | None) -> str:
    letter = LETTERS[parent]
    return letter if length is None or length < 9 else f"{letter} secret"


def log(url: str) -> None:
    """For each row an event with the whole of it; the foreign rows are then deleted, by another."""
    with psycopg.connect(url, autocommit=True) as connection:
        for entity in MODEL.types.values():
            if entity.logged is None or entity.base is not None:
                continue
            data = ", ".join(f"'{each.name}', t.{each.column}" for each in entity.properties)
            for version, kind, where in (
                (1, "Created", "true"),
                (2, "Deleted", f"t.id >= {LARGE}"),
            ):
                statement = (
                    "INSERT INTO event (category, stream, version, ordinal, event_type,"
                    " process_uid, sent_date, data)"
                    f" SELECT '{entity.name}', {UID.format('t.id')}, {version}, 0,"
                    f" '{entity.name}{kind}', gen_random_uuid(), now(), json_build_object({data})"
                    f" FROM {entity.source} t WHERE {where}"
                )
                connection.execute(statement.encode())
            if entity.scope:
                connection.execute(f"DELETE FROM {entity.source} WHERE id >= {LARGE}".encode())
