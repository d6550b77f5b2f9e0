"""The rentals' entity types are those of the contract, and their tables have what they declare."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml

from gerance.incidents.odata import TYPES as INCIDENT_TYPES
from gerance.kernel.odata.edm import Edm, EntityType, Model, Property
from gerance.kernel.odata.plan.changes import _reach
from gerance.rentals import model as rentals
from gerance.rentals.declare.entity import ALL_WRITES
from gerance.rentals.model.rules import RULES

CONTRACT = Path(__file__).parents[1] / "contract" / "rentals.yaml"
ENTITIES: dict[str, Any] = yaml.safe_load(CONTRACT.read_text(encoding="utf-8"))["entities"]
MORE = {"Service": {"TenantServices"}, "HousingType": {"Units"}}
"""Navigations beside those of the contract."""
WRITES = {"Invoice": {"create"}, "Transaction": {"create"}}
NO_WRITES = {"InvoiceDetail", "FinancialStatement"}

COLUMN_TYPES = {
    Edm.BOOLEAN: "boolean",
    Edm.INT32: "integer",
    Edm.INT64: "bigint",
    Edm.DECIMAL: "numeric",
    Edm.DOUBLE: "double precision",
    Edm.STRING: "character varying",
    Edm.GUID: "uuid",
    Edm.DATE: "date",
    Edm.DATE_TIME_OFFSET: "timestamp with time zone",
}


@cache
def model() -> Model:
    types = (*rentals.TYPES, *INCIDENT_TYPES)
    return Model.resolve("Gerance", types, rentals.FUNCTIONS)


def navigations(entry: dict[str, Any]) -> dict[str, tuple[str, bool]]:
    """Of an entity of the contract: name to target, and whether it leads to many."""
    found = {}
    for name, told in entry.get("nav", {}).items():
        target, many = re.match(r"-> (\w+)(\[\])?", told).groups()  # type: ignore[union-attr]
        found[name] = (target, many is not None)
    return found


def told_values(text: str) -> set[str]:
    """The codes that a property of the contract explains: `(D dwelling, C commercial ...)`."""
    inside = re.search(r"\((.*)\)", text)
    if inside is None or not re.match(r"[A-Z] \w", inside[1]):
        return set()
    return {part.split()[0] for part in inside[1].split(", ")}


def test_the_model_has_the_entities_of_the_contract() -> None:
    sets = {each.name: each.set_name for each in rentals.TABLES}
    assert {name: entry["set"] for name, entry in ENTITIES.items()}.items() <= sets.items()


@pytest.mark.parametrize("name", ENTITIES)
def test_an_entity_is_as_the_contract_says(name: str) -> None:
    entry, entity = ENTITIES[name], model().types[name]
    told = {
        each: str(text)
        for each, text in {**entry["props"], "ModifiedAt": "DateTimeOffset*"}.items()
    }
    assert {each.name for each in entity.properties} == told.keys()
    for each, text in told.items():
        declared = entity.find(each)
        assert declared is not None
        kind, mark = re.match(r"(\w+)([!*]?)", text).groups()  # type: ignore[union-attr]
        assert declared.type.value == f"Edm.{kind}", each
        assert (declared.required, declared.computed) == (mark == "!", mark == "*"), each
        assert set(declared.values) >= told_values(text), each
    assert [each.name for each in entity.keys] == [entry["key"]]
    assert entity.unique == ((tuple(entry["unique"]),) if "unique" in entry else ())
    assert entity.module == entry.get("module")
    assert entity.media == ("media" in entry)
    assert entity.writes == WRITES.get(name, set() if name in NO_WRITES else ALL_WRITES)


@pytest.mark.parametrize("name", ENTITIES)
def test_the_navigations_of_an_entity_are_those_of_the_contract(name: str) -> None:
    entity = model().types[name]
    found = {
        each.name: (each.target, each.many)
        for each in entity.navigations
        if each.name not in MORE.get(name, ())
    }
    assert found == navigations(ENTITIES[name])


@pytest.mark.parametrize("entity", model().types.values(), ids=lambda each: each.name)
def test_a_way_back_leads_back(entity: EntityType) -> None:
    for there in entity.navigations:
        if there.partner is None:
            continue
        back = model().target(there).navigation(there.partner)
        assert back is not None
        assert (back.target, back.partner) == (entity.base or entity.name, there.name)
        assert {(theirs, own) for own, theirs in back.columns} == set(there.columns)
        for own, theirs in there.referential:
            assert entity.find(own)
            assert model().target(there).find(theirs)


@pytest.mark.parametrize("entity", model().types.values(), ids=lambda each: each.name)
def test_everything_is_described(entity: EntityType) -> None:
    for each in (entity, *entity.properties, *entity.navigations):
        assert re.fullmatch(r"[A-Z].*\.", each.description), each.name


@pytest.mark.parametrize("entity", [*rentals.TABLES, *INCIDENT_TYPES], ids=lambda each: each.name)
def test_a_table_has_what_its_entity_declares(database: str, entity: EntityType) -> None:
    schema, table = entity.source.split(".")
    with psycopg.connect(database) as connection:
        rows = connection.execute(
            "SELECT column_name, data_type, is_nullable, character_maximum_length,"
            " numeric_precision, numeric_scale, is_generated FROM information_schema.columns"
            " WHERE (table_schema, table_name) = (%s, %s)",
            [schema, table],
        ).fetchall()
    columns = {name: told for name, *told in rows}
    for each in entity.properties:
        kind, nullable, length, precision, scale, _ = columns[each.column]
        if schema == "odata":
            assert kind in {"text", "character varying", COLUMN_TYPES[each.type]}, each.name
            continue
        assert kind == COLUMN_TYPES[each.type], each.name
        assert nullable == ("YES" if each.nullable else "NO"), each.name
        if each.type is Edm.STRING:
            assert length == each.max_length, each.name
        if each.type is Edm.DECIMAL:
            assert (precision, scale) == (each.precision, each.scale), each.name
    for column in needed(entity):
        assert column in columns, column
    for each in entity.properties:
        if each.sorted_by is not None and schema == "rentals":
            assert columns[each.sorted_by][-1] == "ALWAYS", each.name


def needed(entity: EntityType) -> set[str]:
    """The columns that an entity type names without having them as properties."""
    own = {own for each in entity.navigations for own, _ in each.columns}
    back = {
        theirs
        for other in model().types.values()
        for each in other.navigations
        if each.target == entity.name
        for _, theirs in each.columns
    }
    keys = {each.sorted_by for each in entity.properties if each.sorted_by is not None}
    return own | back | keys | set(entity.scope) | ({entity.version} if entity.version else set())


def test_all_that_belongs_to_a_division_can_be_limited_to_it() -> None:
    shared = {"Service", "Supplier", "HousingType"}
    for entity in (each for each in rentals.TYPES if each.owner_column is None):
        assert entity.scope == (() if entity.name in shared else ("company_no", "division_no"))


def test_what_delta_links_decide_by_another_row_never_changes_there() -> None:
    """A delta link finds the place of a row without a place of its own by the row that owns it, and
    the rows behind a changed running total by the entity with the event (`sql.changes`). Both hold
    only as long as owners stay where they are, and entities with a running total are only added."""
    for entity in (each for each in model().sets.values() if each.scope and each in rentals.TABLES):
        if (reach := _reach(entity, model())) is None or reach.owner is None:
            continue
        fixed = RULES[reach.owner.name].fixed
        assert set(reach.owner.scope) <= set(fixed), (entity.name, reach.owner.name)
    for entity in rentals.TABLES:
        assert entity.running is None or entity.writes == {"create"}, entity.name


def test_codes_and_coded_properties_disregard_trailing_blanks() -> None:
    def is_code(each: Property) -> bool:
        return each.type is Edm.STRING and (each.name.endswith(("Code", "No")) or bool(each.values))

    found = {
        f"{entity.name}/{each.name}"
        for entity in rentals.TABLES
        for each in entity.properties
        if is_code(each) and not each.code
    }
    assert found == {"Building/PostalCode", "Supplier/PostalCode"}


def test_every_join_has_an_index_that_begins_with_its_column(database: str) -> None:
    with psycopg.connect(database) as connection:
        indexed = set(
            connection.execute(
                "SELECT c.oid::regclass::text, a.attname FROM pg_index i"
                " JOIN pg_class c ON c.oid = i.indrelid"
                " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]"
                " WHERE c.relnamespace = 'rentals'::regnamespace"
            ).fetchall()
        )
    for entity in rentals.TYPES:
        for each in entity.navigations:
            target = model().target(each)
            if target.source.startswith("rentals."):
                assert (target.source, each.columns[0][1]) in indexed, each.name
