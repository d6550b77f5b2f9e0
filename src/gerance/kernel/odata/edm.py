"""The entity data model: what a service has, declared once.

Tables, `$metadata`, OpenAPI, the documentation pages and the Postman collection follow from it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cached_property


class Edm(Enum):
    """The primitive types that properties and literals have."""

    BOOLEAN = "Edm.Boolean"
    INT32 = "Edm.Int32"
    INT64 = "Edm.Int64"
    DECIMAL = "Edm.Decimal"
    DOUBLE = "Edm.Double"
    STRING = "Edm.String"
    GUID = "Edm.Guid"
    DATE = "Edm.Date"
    DATE_TIME_OFFSET = "Edm.DateTimeOffset"
    TIME_OF_DAY = "Edm.TimeOfDay"
    DURATION = "Edm.Duration"


@dataclass(frozen=True, kw_only=True)
class Property:
    """A property of an entity type, kept in a column of its table.

    `computed`: clients only read it; `required`: given with each new entity; `code`: blanks at its
    end never matter when it is compared; `sorted_by`: the column that orders it as people sort
    texts, without accents and case; `values`: what each of its codes means.
    """

    name: str
    type: Edm
    column: str
    description: str
    nullable: bool = True
    computed: bool = False
    required: bool = False
    code: bool = False
    sorted_by: str | None = None
    max_length: int | None = None
    precision: int | None = None
    scale: int | None = None
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Navigation:
    """The way from an entity to others: `columns` are pairs, own column and target's column.

    `partner`: the way back; `referential`: pairs of property names that say the same on both sides.
    """

    name: str
    target: str
    columns: tuple[tuple[str, str], ...]
    description: str
    many: bool = False
    partner: str | None = None
    referential: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class RunningTotal:
    """A property that adds up the entities with the same value in the column `group`, in the order
    of the columns `order`.

    An entity that comes in between changes the totals of those after it. They have no event of
    their own: their versions count the change, and delta links report it.
    """

    property: str
    group: str
    order: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class EntityType:
    """An entity type and its set.

    `source`: the table or view that has its rows, or a query in parentheses with
    `{parameter}` for each parameter of its function; `key`: names of properties; `unique`: groups
    of properties that also find one entity; `version`: the column that counts an entity's changes,
    from which its ETag follows; `module`: what an installation must have bought; `writes`: which of
    "create", "update", "delete" clients may do; `base`: the type whose properties it has first;
    `media`: it has content, answered by `$value`; `versioned`: the set's version says when it last
    changed (see `versions`), otherwise any commit counts as a change of it; `scope`: the columns
    of `source` by which rights may be limited; `owner_column`: the column with the owner of a
    row: no other principal sees it, and no navigation leads to it; `logged`: the column with the
    number of an entity's stream in the log (see `streams`), None when its changes are not there;
    `running`: a property that changes with entities before it.
    """

    name: str
    set_name: str
    source: str
    description: str
    properties: tuple[Property, ...]
    key: tuple[str, ...] = ("Id",)
    navigations: tuple[Navigation, ...] = ()
    unique: tuple[tuple[str, ...], ...] = ()
    version: str | None = None
    module: str | None = None
    writes: frozenset[str] = frozenset()
    base: str | None = None
    media: bool = False
    versioned: bool = True
    scope: tuple[str, ...] = ()
    owner_column: str | None = None
    logged: str | None = None
    running: RunningTotal | None = None

    def find(self, name: str) -> Property | None:
        """The property of that name, without regard to case."""
        return self._properties.get(name.lower())

    def navigation(self, name: str) -> Navigation | None:
        """The navigation property of that name, without regard to case."""
        return self._navigations.get(name.lower())

    @cached_property
    def keys(self) -> tuple[Property, ...]:
        """The properties of the key, in its order."""
        return tuple(self._properties[name.lower()] for name in self.key)

    @cached_property
    def _properties(self) -> dict[str, Property]:
        return {each.name.lower(): each for each in self.properties}

    @cached_property
    def _navigations(self) -> dict[str, Navigation]:
        return {each.name.lower(): each for each in self.navigations}


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """A parameter of a function; without one that is not `required`, it is null."""

    name: str
    type: Edm
    description: str
    required: bool = True


@dataclass(frozen=True, kw_only=True)
class Function:
    """A function bound to a set, `Units/ForRent(from=...,to=...)`: answers a collection.

    `binding`: the entity type of the set; `returns`: the entity type of the answer, whose `source`
    has the parameters; `reads`: the entity types whose changes change the answer.
    """

    name: str
    binding: str
    returns: str
    parameters: tuple[Parameter, ...]
    description: str
    reads: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Model:
    """All that a service has. `resolve` makes one whose names are checked."""

    namespace: str
    types: Mapping[str, EntityType]
    sets: Mapping[str, EntityType]
    functions: Mapping[str, Mapping[str, Function]]

    @classmethod
    def resolve(
        cls, namespace: str, types: Iterable[EntityType], functions: Sequence[Function] = ()
    ) -> "Model":
        """The model of these types: each has those of its base first; every name leads somewhere.

        Raises ValueError, naming what is wrong: a name given twice, a target, partner, key,
        unique property or base that does not exist.
        """
        property_ = {each.name: each for each in types}
        resolved = {name: _with_base(each, property_) for name, each in property_.items()}
        result = {function.returns for function in functions}
        by_binding: dict[str, dict[str, Function]] = {}
        for function in functions:
            by_binding.setdefault(function.binding, {})[function.name.lower()] = function
        model = cls(
            namespace=namespace,
            types=resolved,
            sets={
                each.set_name.lower(): each for each in resolved.values() if each.name not in result
            },
            functions=by_binding,
        )
        _check(model)
        return model

    def entity_set(self, name: str) -> EntityType | None:
        """The type of the set of that name, without regard to case."""
        return self.sets.get(name.lower())

    def target(self, navigation: Navigation) -> EntityType:
        """Where a navigation leads."""
        return self.types[navigation.target]

    def function(self, binding: EntityType, name: str) -> Function | None:
        """The function of that name bound to the set of a type, without regard to case."""
        return self.functions.get(binding.name, {}).get(name.lower())


def _with_base(entity: EntityType, property_: Mapping[str, EntityType]) -> EntityType:
    if entity.base is None:
        return entity
    if entity.base not in property_:
        raise ValueError(f"{entity.name}: there is no type {entity.base} to be its base")
    base = _with_base(property_[entity.base], property_)
    return replace(
        entity,
        properties=base.properties + entity.properties,
        navigations=base.navigations + entity.navigations,
    )


def _check(model: Model) -> None:
    for entity in model.types.values():
        names = [each.name.lower() for each in entity.properties]
        names += [each.name.lower() for each in entity.navigations]
        if twice := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"{entity.name}: {', '.join(sorted(twice))} is declared twice")
        for name in (*entity.key, *(name for group in entity.unique for name in group)):
            if entity.find(name) is None:
                raise ValueError(f"{entity.name}: its key {name} is no property")
        for navigation in entity.navigations:
            _check_navigation(model, entity, navigation)
    for functions in model.functions.values():
        for function in functions.values():
            for name in (function.binding, function.returns, *function.reads):
                if name not in model.types:
                    raise ValueError(f"{function.name}: there is no type {name}")


def _check_navigation(model: Model, entity: EntityType, navigation: Navigation) -> None:
    place = f"{entity.name}/{navigation.name}"
    target = model.types.get(navigation.target)
    if target is None:
        raise ValueError(f"{place}: there is no type {navigation.target}")
    if target.owner_column is not None:
        raise ValueError(f"{place}: {target.name} belongs to single owners")
    if navigation.partner is not None and target.navigation(navigation.partner) is None:
        raise ValueError(f"{place}: {target.name} has no navigation {navigation.partner}")
