"""The entities that integrators can subscribe to: all that are ever written."""

from collections.abc import Iterable, Mapping

from gerance.kernel.errors import BadRequest
from gerance.kernel.odata.edm import EntityType
from gerance.rentals.model.rules import RULES

ENTITIES: Mapping[str, EntityType] = {name: RULES[name].entity for name in sorted(RULES)}
"""By name, in alphabetical order."""

EXTRA_PROPERTIES: Mapping[str, tuple[str, ...]] = {
    "TenantParking": ("TenantId", "ParkingId"),
    "TenantStorage": ("TenantId", "StorageId"),
    "TenantService": ("TenantId", "ServiceId"),
    # Has no Id: this is the only way to know which one it is.
    "HousingType": ("Code",),
}
"""The properties that a message gives beside the Id: those of relations (reference/002), and the
key of what has another key than Id. None of them is ever null."""

_BY_NAME = {name.lower(): each for each in ENTITIES.values() for name in (each.name, each.set_name)}


def named_entities(names: Iterable[str]) -> list[EntityType]:
    """The entities of these names, in any case, singular or plural; each once.

    Raises BadRequest (`UnknownEntity`), naming the first that is unknown and all that there are.
    """
    entities: dict[str, EntityType] = {}
    for name in names:
        entity = _BY_NAME.get(name.strip().lower())
        if entity is None:
            raise BadRequest(
                f"There is no entity {name[:60]!r} to subscribe to. The entities are"
                f" {', '.join(ENTITIES)}.",
                code="UnknownEntity",
            )
        entities[entity.name] = entity
    return list(entities.values())
