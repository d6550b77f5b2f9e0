"""Named statements are read from the .sql file beside a module."""

from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

from gerance.kernel import sql_files


def test_a_file_gives_its_statements_by_name_without_comments() -> None:
    first = "-- name: one\n-- What it does.\nSELECT 1\n  + 1;\n"
    text = f"-- About the file.\n\n{first}-- name: two\nSELECT 2"

    assert sql_files.parse(text, source="x.sql") == {"one": "SELECT 1\n  + 1", "two": "SELECT 2"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("SELECT 1\n-- name: one\nSELECT 1", "before the first"),
        ("-- name: one\nSELECT 1\n-- name: one\nSELECT 2", "two statements are named one"),
        ("-- name: One Two\nSELECT 1", "not a name in lower case"),
        ("-- name: one\n-- Nothing else.\n", "the statement one is empty"),
    ],
)
def test_a_malformed_file_is_an_error_at_import(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        sql_files.parse(text, source="x.sql")


def test_a_module_loads_the_file_beside_it() -> None:
    assert "claim_rows" in sql_files.load("gerance.kernel.webhooks.claim")


def test_every_sql_file_is_in_the_wheel() -> None:
    root = Path(__file__).parents[2]
    packaged = {each.path for each in WheelBuilder(str(root)).recurse_included_files()}

    assert {str(path) for path in root.glob("src/gerance/**/*.sql")} <= packaged
