"""What the schema consists of, as one line for each object, so that two schemas can be compared.

`catalog.txt` has the lines of `schema.sql`; `make schema` writes it. Lines have only what
PostgreSQL 15 to 18 describe alike: of a view its columns, of a function its body, no `NOT NULL`
constraint by name.
"""

from pathlib import Path

import psycopg

FILE = Path(__file__).with_name("catalog.txt")

REMEDY = (
    "These objects differ from the schema of this release: restore a backup that was made with a"
    " released version, or change them by hand as schema.sql declares them."
)

_CATALOG = (Path(__file__).with_name("catalog.sql")).read_text()


def catalog(connection: psycopg.Connection) -> list[str]:
    """The lines of a database, in order: tables, views, columns, indexes, constraints, triggers and
    functions of every schema but PostgreSQL's own."""
    return [line for (line,) in connection.execute(_CATALOG).fetchall()]


def missing(connection: psycopg.Connection) -> list[str]:
    """The objects that the newest revision declares and the database lacks, or has otherwise.

    What the database has besides, an index of the operator's for example, is not looked at.
    """
    there = set(catalog(connection))
    return [line for line in FILE.read_text().splitlines() if line not in there]
