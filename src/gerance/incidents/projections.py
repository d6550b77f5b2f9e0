"""Rows of read tables that a state replaces as a whole."""

from collections.abc import Mapping, Sequence
from typing import Any

from gerance.kernel.log.writer import Projection


def upsert_row(table: str, row: Mapping[str, Any], casts: Mapping[str, str]) -> Projection:
    """Insert `row` into `table` or replace the one with its key `uid`.

    `casts`: the SQL type of each column, e.g. {"uid": "uuid", "name": "text"}.
    """
    return upsert_rows(table, [row], casts)


def upsert_rows(
    table: str,
    rows: Sequence[Mapping[str, Any]],
    casts: Mapping[str, str],
    *,
    settings: Mapping[str, str] = {},
    owner: str | None = None,
) -> Projection:
    """Insert `rows` into `table` or replace those with their keys `uid`.

    `settings`: for columns that are not simply replaced, their SQL (`excluded` is the new row);
    `owner`: a column; rows with another value in it are not replaced.
    """
    updates = {name: f"excluded.{name}" for name in casts if name != "uid"}
    updates |= settings
    return Projection(
        f"INSERT INTO {table} ({', '.join(casts)})"
        f" SELECT {', '.join(f'r.{name}' for name in casts)} FROM {{rows}} r"
        " ON CONFLICT (uid) DO UPDATE SET"
        f" {', '.join(f'{name} = {value}' for name, value in updates.items())}"
        + (f" WHERE {table}.{owner} IS NOT DISTINCT FROM excluded.{owner}" if owner else ""),
        tuple(casts.items()),
        rows,
    )
