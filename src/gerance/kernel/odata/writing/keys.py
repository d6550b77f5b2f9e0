"""Keys of entities as they stand in addresses."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from gerance.kernel.odata.edm import Edm, EntityType


def key_path(entity: EntityType, key: Mapping[str, Any]) -> str:
    """`Buildings(7)`, `HousingTypes('4%C2%BD')`, `Trips(Person='x',No=2)`."""
    parts = [_literal(property_.type, key[property_.name]) for property_ in entity.keys]
    if len(parts) > 1:
        parts = [f"{name}={part}" for name, part in zip(entity.key, parts, strict=True)]
    return f"{entity.set_name}({','.join(parts)})"


def _literal(kind: Edm, value: Any) -> str:
    if kind is Edm.STRING:
        return quote("'" + str(value).replace("'", "''") + "'", safe="'")
    return str(value)
