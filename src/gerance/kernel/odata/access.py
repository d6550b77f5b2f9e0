"""The rights of a principal that reads, as the query engine needs them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gerance.kernel.errors import Rejection
from gerance.kernel.odata.edm import EntityType


@dataclass(frozen=True, kw_only=True)
class Access:
    """The rights of a principal. `key`: the same for all principals with the same rights.

    `sets`: names of the sets that it may read, None for all; `missing`: names of the sets that this
    installation does not have, with the reason; `places`: it sees only rows whose `scope` columns
    have the values of one of these, None for all rows; `owner`: its uid, where rows belong to
    principals (no `key` has it: see `QueryKey`), None to see them all.
    """

    key: str
    sets: frozenset[str] | None = None
    missing: Mapping[str, str] = field(default_factory=dict)
    places: tuple[Mapping[str, Any], ...] | None = None
    owner: str | None = field(default=None, compare=False)

    def require(self, entity: EntityType) -> None:
        """Raises Rejection (403) unless the entity's set may be read."""
        if reason := self.missing.get(entity.set_name):
            raise Rejection("ModuleMissing", reason)
        if self.sets is not None and entity.set_name not in self.sets:
            raise Rejection("Forbidden", f"This key may not read {entity.set_name}.")

    def reads(self, entity: EntityType) -> bool:
        """Whether the entity's set may be read."""
        allowed = self.sets is None or entity.set_name in self.sets
        return allowed and entity.set_name not in self.missing

    def require_change(self, entity: EntityType) -> None:
        """Raises Rejection (403) for one that is limited to places, where the entity has no place.

        What has none is shared by all places, so that only principals without a limit change it.
        """
        if self.places is not None and not entity.scope and entity.owner_column is None:
            raise Rejection(
                "OutsideYourPlaces",
                f"{entity.set_name} are shared by all companies and divisions, so a key that is"
                " limited to some of them may only read them.",
            )

    def rows(self, entity: EntityType) -> tuple[Mapping[str, Any], ...] | None:
        """The places that it sees of an entity type; None for all."""
        if entity.owner_column is not None:
            return None if self.owner is None else ({entity.owner_column: self.owner},)
        return self.places if entity.scope else None


EVERYTHING = Access(key="*")
