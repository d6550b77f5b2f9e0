"""The rules and what is there: the demonstration obeys them, the database knows the same."""

from collections import Counter
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row
from tests.rentals.judging import completed, problems

from gerance.rentals.declare.rules import Reference, Row
from gerance.rentals.model.rules import RULES
from gerance.rentals.writing.tables import columns_of

Index = dict[tuple[Any, ...], Row]


@pytest.fixture(scope="module")
def tables(estate: str) -> dict[str, list[Row]]:
    """The rows of each type that is written, by its name."""
    with psycopg.connect(estate, row_factory=dict_row) as connection:
        return {
            name: connection.execute(
                f"SELECT {', '.join(columns_of(rules.entity))} FROM {rules.entity.source}".encode()
            ).fetchall()
            for name, rules in RULES.items()
        }


def key(values: Any) -> tuple[Any, ...]:
    return tuple(each.rstrip(" ") if isinstance(each, str) else each for each in values)


def indexed(reference: Reference, tables: dict[str, list[Row]]) -> Index:
    return {
        key(row[theirs] for _, theirs in reference.by): row for row in tables[reference.to.name]
    }


@pytest.mark.parametrize("name", RULES)
def test_all_rows_of_the_demonstration_obey_the_rules(
    name: str, tables: dict[str, list[Row]]
) -> None:
    rules = RULES[name]
    indexes = {each.name: indexed(each, tables) for each in rules.references}
    told: Counter[str] = Counter()
    for row in tables[name]:
        found: dict[str, Row | None] = {}
        for reference in rules.references:
            asked = [row[own] for own, _ in reference.by]
            found[reference.name] = indexes[reference.name].get(key(asked))
            assert None in asked or found[reference.name], (reference.name, row)
        whole = completed(name, row, row, found)
        assert {each: whole[each] for each in row} == row
        told.update(each.code for each in problems(name, row, found=found))
    # Charges are what the billing run made.
    assert told.keys() <= ({"ChargesAreBilled"} if name == "Transaction" else set()), told


def test_whatever_the_database_excludes_has_a_meaning(database: str) -> None:
    meant = {name for rules in RULES.values() for name in rules.constraints}
    numbered = {"tenant_no", "service_call_no", "service_call_detail_line", "invoice_detail_line"}
    billed = {"transaction_billed_once"}  # The billing run alone writes what it charged for.
    with psycopg.connect(database) as connection:
        found = connection.execute(
            "SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
            " WHERE c.relnamespace = 'rentals'::regnamespace AND i.indrelid <>"
            " 'rentals.financial_statement'::regclass AND (i.indisexclusion OR i.indisunique)"
            " AND i.indkey::text NOT IN (SELECT a.attnum::text FROM pg_attribute a"
            " WHERE a.attrelid = i.indrelid AND a.attname = 'id')"
        ).fetchall()
    assert {name for (name,) in found} - numbered - billed == meant
