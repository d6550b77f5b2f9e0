"""What is known of writing before anybody writes: for `$metadata`, OpenAPI and the collection."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gerance.kernel.odata.edm import EntityType, Model, Navigation

MOST_DETAILS = 1000
"""Details that one body may have, all together."""


@dataclass(frozen=True, kw_only=True)
class Sample:
    """Bodies that the sample data of an installation take: `create` makes an entity, `change`
    changes it; `permanent`: it cannot be deleted again."""

    create: Mapping[str, Any]
    change: Mapping[str, Any] = field(default_factory=dict)
    permanent: bool = False


@dataclass(frozen=True, kw_only=True)
class WriteAnnotations:
    """Facts by the names of entity types. `deep`: navigations whose entities may be created with
    one; `fixed`: properties that keep the value that an entity was created with; `samples`.

    Of the sample data: `keys`: the key of an entity, by property; `stored`: its fixed properties;
    `unused`: the key of an entity that may be deleted; `nullable`: a property that can be made
    null; `targets`: the key of an entity that a navigation can be led to, by "Type.Navigation"
    where the one of `keys` does not fit.
    """

    deep: Mapping[str, frozenset[str]] = field(default_factory=dict)
    fixed: Mapping[str, frozenset[str]] = field(default_factory=dict)
    samples: Mapping[str, Sample] = field(default_factory=dict)
    keys: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    stored: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    unused: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    nullable: Mapping[str, str] = field(default_factory=dict)
    targets: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def deep_of(self, entity: EntityType) -> list[Navigation]:
        """The navigations whose entities may be created with one of this type."""
        names = self.deep.get(entity.name, frozenset())
        return [each for each in entity.navigations if each.name in names]

    def fixed_of(self, entity: EntityType) -> frozenset[str]:
        """The properties that keep the value that an entity of this type was created with."""
        return self.fixed.get(entity.name, frozenset())

    def links(self, model: Model, entity: EntityType) -> list[Navigation]:
        """The navigations to one that may be led elsewhere (`@odata.bind`, `$ref`)."""
        if not entity.writes & {"create", "update"}:
            return []
        return [each for each in entity.navigations if self._may_link(model, entity, each)]

    def _may_link(self, model: Model, entity: EntityType, navigation: Navigation) -> bool:
        keys = {each.column for each in model.target(navigation).keys}
        if navigation.many or not keys >= {theirs for _, theirs in navigation.columns}:
            return False
        fixed = self.fixed_of(entity)
        columns = {own for own, _ in navigation.columns}
        return not any(
            each.column in columns and (each.computed or each.name in fixed)
            for each in entity.properties
        )


def additions(model: Model, entity: EntityType) -> list[Navigation]:
    """The navigations to many to which new entities may be posted."""
    return [each for each in entity.navigations if each.many and _may_add(model, each)]


def _may_add(model: Model, navigation: Navigation) -> bool:
    target = model.target(navigation)
    values = {each.column for each in target.properties if not each.computed}
    return "create" in target.writes and values >= {theirs for _, theirs in navigation.columns}
