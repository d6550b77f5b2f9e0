"""Which entity a writing request means, and what may be done there."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal
from urllib.parse import quote

from gerance.kernel.errors import NotFound
from gerance.kernel.odata.edm import Edm, EntityType, Model, Navigation, Property
from gerance.kernel.odata.errors import NotSupported, ODataRejection
from gerance.kernel.odata.parse.paths import ABSENT
from gerance.kernel.odata.parse.syntax import Argument, Constant, Segment

_ENTITY_METHODS = {"update": ("PATCH", "PUT"), "delete": ("DELETE",)}


@dataclass(frozen=True)
class WriteTarget:
    """`what`: a set, an entity of it, one of its properties, its content, or a link to another;
    `path`: the entity's path below the root, `arguments`: the key in it; `navigation`: of a link,
    or of the set that a new entity belongs to."""

    what: Literal["set", "entity", "property", "content", "link"]
    entity: EntityType
    path: str = ""
    property_: Property | None = None
    navigation: Navigation | None = None
    arguments: tuple[Argument, ...] = ()

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods that this allows."""
        read = ("GET", "HEAD", "OPTIONS")
        if self.what == "set":
            return (*read, "POST") if "create" in self.entity.writes else read
        if self.what == "entity":
            return read + tuple(
                method
                for kind, methods in _ENTITY_METHODS.items()
                if kind in self.entity.writes
                for method in methods
            )
        if "update" not in self.entity.writes:
            return read
        if self.what == "content":
            return (*read, "PUT")
        return (*read, "PUT", "DELETE") if self.what == "property" else ("PUT", "DELETE")


def target_of(model: Model, segments: tuple[Segment, ...], path: str) -> WriteTarget:
    """What a path leads to. Raises NotFound, NotSupported."""
    if not segments:
        raise NotFound("This path cannot be written.")
    first, *rest = segments
    entity = model.entity_set(first.name)
    if first.name.lower() in ABSENT:
        raise NotSupported(first.name)
    if entity is None:
        raise NotFound(f"There is no entity set {first.name[:80]}.")
    if not rest:
        if first.arguments is None:
            return WriteTarget("set", entity)
        return WriteTarget("entity", entity, path, arguments=first.arguments)
    if first.arguments is None:
        raise NotSupported(f"Writing {rest[0].name[:40]} of a set")
    parent = path.partition("/")[0]
    return replace(_below(model, entity, parent, rest), arguments=first.arguments)


def _below(
    model: Model,
    entity: EntityType,
    path: str,
    rest: list[Segment],
) -> WriteTarget:
    name = rest[0].name
    if len(rest) == 1 and rest[0].arguments is None:
        if (property_ := entity.find(name)) is not None:
            return WriteTarget("property", entity, path, property_=property_)
        if name.lower() == "$value" and entity.media:
            return WriteTarget("content", entity, path)
        navigation = entity.navigation(name)
        if navigation is not None and navigation.many:
            target = model.target(navigation)
            return WriteTarget("set", target, path, navigation=navigation)
    if len(rest) == 2 and rest[1].name.lower() == "$ref":
        navigation = entity.navigation(name)
        if navigation is not None and not navigation.many:
            return WriteTarget("link", entity, path, navigation=navigation)
    if entity.navigation(name) is None and entity.find(name) is None:
        raise NotFound(f"{entity.name} has no {name[:80]}.")
    raise NotSupported(f"Writing through {name[:40]}: write the entity itself")


def simple_key(target: WriteTarget) -> dict[str, int] | None:
    """The column of a key that is one number, as `Units(7)`; None for any other."""
    keys = target.entity.keys
    if len(keys) != 1 or len(target.arguments) != 1 or keys[0].type is not Edm.INT32:
        return None
    value = target.arguments[0].value
    if target.arguments[0].name is not None or not isinstance(value, Constant):
        return None
    if type(value.value) is not int or not -(2**31) <= value.value < 2**31:
        return None
    return {keys[0].column: value.value}


def require_method(target: WriteTarget, method: str) -> None:
    """Raises ODataRejection (405, with Allow) when the target does not take the method."""
    if method not in target.methods:
        allowed = ", ".join(target.methods)
        raise ODataRejection(
            "MethodNotAllowed",
            f"{target.entity.set_name} does not accept {method} at this path.",
            headers={"Allow": allowed},
        )


def belonging(
    navigation: Navigation, child: EntityType, parent: Mapping[str, Any]
) -> dict[str, Any]:
    """The values by which a new entity belongs to the one whose set it is posted to."""
    by_column = {each.column: each for each in child.properties}
    values = {}
    for own, theirs in navigation.columns:
        property_ = by_column.get(theirs)
        if property_ is None or property_.computed or own not in parent:
            raise NotSupported(f"A new entity in {navigation.name}: post it to {child.set_name}")
        values[property_.name] = parent[own]
    return values


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
