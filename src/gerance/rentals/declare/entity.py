"""Declarations of the rentals' entity types: each property has the column of its name."""

import re
from collections.abc import Mapping
from typing import Any

from gerance.kernel.odata.edm import Edm, EntityType, Navigation, Property

ALL_WRITES = frozenset({"create", "update", "delete"})
PLACE = ("company_no", "division_no")

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def column_of(name: str) -> str:
    """The name of the column of a property: `CivicNoAndStreet` as `civic_no_and_street`."""
    return _HUMP.sub("_", name).lower()


def column_property(name: str, kind: Edm, description: str, **more: Any) -> Property:
    """A property. It is not nullable when it is required or has `nullable=False`."""
    more.setdefault("nullable", not more.get("required", False))
    return Property(name=name, type=kind, column=column_of(name), description=description, **more)


def identifier(what: str) -> Property:
    """The property Id; `what` names the entity in its description."""
    return column_property(
        "Id",
        Edm.INT32,
        f"The number of {what}, given by the server.",
        nullable=False,
        computed=True,
    )


def integer(name: str, description: str, **more: Any) -> Property:
    return column_property(name, Edm.INT32, description, **more)


def text(name: str, max_length: int, description: str, **more: Any) -> Property:
    return column_property(name, Edm.STRING, description, max_length=max_length, **more)


def sorted_text(name: str, max_length: int, description: str, **more: Any) -> Property:
    """A text to sort by: its column `..._key` has it without accents and case."""
    return text(name, max_length, description, sorted_by=f"{column_of(name)}_key", **more)


def code(name: str, max_length: int, description: str, **more: Any) -> Property:
    """A code; trailing blanks do not count."""
    return text(name, max_length, description, code=True, **more)


def choice(name: str, description: str, values: Mapping[str, str], **more: Any) -> Property:
    """A code with a fixed list of values."""
    return code(name, max(map(len, values)), description, values=values, **more)


def decimal(name: str, precision: int, scale: int, description: str, **more: Any) -> Property:
    return column_property(name, Edm.DECIMAL, description, precision=precision, scale=scale, **more)


def money(name: str, description: str, **more: Any) -> Property:
    """An amount in the currency of its division."""
    return decimal(name, 12, 2, description, **more)


def boolean(name: str, description: str) -> Property:
    """Yes or no, never null: the column has a default."""
    return column_property(name, Edm.BOOLEAN, description, nullable=False)


def date(name: str, description: str, **more: Any) -> Property:
    return column_property(name, Edm.DATE, description, **more)


def moment(name: str, description: str, **more: Any) -> Property:
    return column_property(name, Edm.DATE_TIME_OFFSET, description, **more)


def company_and_division() -> tuple[Property, Property]:
    """The properties that identify the ledger of an entity."""
    return (
        integer("CompanyNo", "The number of the company.", required=True),
        integer("DivisionNo", "The number of the division within its company.", required=True),
    )


def one(name: str, target: str, own: str, description: str, partner: str | None) -> Navigation:
    """A navigation to the entity of `target` whose Id is in the property `own`."""
    return Navigation(
        name=name,
        target=target,
        columns=((column_of(own), "id"),),
        description=description,
        partner=partner,
        referential=((own, "Id"),),
    )


def incident(name: str, target: str, column: str, description: str) -> Navigation:
    """A navigation to an entity of the incident API, null until a client links it."""
    return Navigation(name=name, target=target, columns=((column, "uid"),), description=description)


def many(name: str, target: str, theirs: str, description: str, partner: str) -> Navigation:
    """A navigation to the entities of `target` whose property `theirs` has this entity's Id."""
    return Navigation(
        name=name,
        target=target,
        columns=(("id", column_of(theirs)),),
        description=description,
        many=True,
        partner=partner,
    )


def entity(
    name: str, set_name: str, description: str, *properties: Property, **more: Any
) -> EntityType:
    """An entity type with a table of the same name, and a property with the time of its last
    change."""
    modified = moment(
        "ModifiedAt", "When the entity last changed, in UTC.", nullable=False, computed=True
    )
    more.setdefault("writes", ALL_WRITES)
    more.setdefault("logged", "id")
    return EntityType(
        name=name,
        set_name=set_name,
        source=f"rentals.{column_of(name)}",
        description=description,
        properties=(*properties, modified),
        version="version",
        **more,
    )
