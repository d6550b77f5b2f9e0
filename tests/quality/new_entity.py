"""What an entity of the rental API lacks: `python -m tests.quality.new_entity [database URL]`.

Each missing part is one sentence, which says where to add it.
"""

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import psycopg

import gerance.rentals
from gerance.demo.rentals_book import COLUMNS, NOT_LOADED
from gerance.kernel.odata.edm import EntityType
from gerance.rentals.declare.entity import column_of
from gerance.rentals.model import TABLES, TYPES
from gerance.rentals.model.rules import RULES
from gerance.rentals.model.samples import SAMPLES

_SLICES = Path(gerance.rentals.__file__).parent
_PAGES = Path(__file__).parents[2] / "docs" / "reference" / "rentals"


def declarations() -> Iterator[tuple[str, EntityType]]:
    """Every entity type of a slice, with the name of the slice."""
    for path in sorted(_SLICES.glob("*/entity.py")):
        name = path.parent.name
        module = import_module(f"gerance.rentals.{name}.entity")
        for value in vars(module).values():
            if isinstance(value, EntityType):
                yield name, value


def missing_registrations() -> list[str]:
    names = {each.name for each in TYPES}
    return [
        f"{entity.name} is not registered: add it to TYPES of rentals/{name}/entity.py, and the"
        " slice to SLICES of rentals/model/__init__.py."
        for name, entity in declarations()
        if entity.name not in names and entity.base is None
    ]


def missing_rules() -> list[str]:
    return [
        f"{each.name} has no rules: add them to SLICE of rules.py in its slice."
        for each in TABLES
        if each.writes and each.name not in RULES
    ]


def missing_samples() -> list[str]:
    return [
        f"{each.name} has no sample: add one to rentals/model/samples.py."
        for each in TABLES
        if "create" in each.writes and each.name not in SAMPLES
    ]


def missing_pages() -> list[str]:
    return [
        f"{each.name} has no reference page: run docs/generate.py."
        for each in TABLES
        if not (_PAGES / f"{column_of(each.name).replace('_', '-')}.md").exists()
    ]


def missing_rows() -> list[str]:
    return [
        f"{each.name} has no rows in the demonstration: add its columns to demo/rentals_book.py and"
        " make rows, or say why not in NOT_LOADED there."
        for each in TABLES
        if each.name not in COLUMNS and not NOT_LOADED.get(each.name)
    ]


def missing_columns(database_url: str) -> list[str]:
    with psycopg.connect(database_url) as connection:
        rows = connection.execute(
            "SELECT table_schema || '.' || table_name, array_agg(column_name::text)"
            " FROM information_schema.columns GROUP BY 1"
        ).fetchall()
    tables = {table: set(columns) for table, columns in rows}
    sentences = []
    for each in TABLES:
        columns = {p.column for p in each.properties} | {"version", "modified_at"}
        columns |= {p.sorted_by for p in each.properties if p.sorted_by is not None}
        if lacking := columns - tables.get(each.source, set()):
            sentences.append(
                f"The table {each.source} lacks {', '.join(sorted(lacking))}: add a revision, and"
                " the same to migrations/schema.sql."
            )
    return sentences


STATIC = (missing_registrations, missing_rules, missing_samples, missing_pages, missing_rows)
"""The checks that need no database."""


if __name__ == "__main__":
    sentences = [sentence for check in STATIC for sentence in check()]
    for url in sys.argv[1:]:
        sentences += missing_columns(url)
    print("\n".join(sentences))  # noqa: T201
