"""Derived columns: what follows from other rows, stored and recomputed with each write.

What follows from the row itself (an invoice's Total, a document's Size) is a generated column of
its table. What depends on the day (occupancy, the rent in effect, who is active) is as of the day
on which it was last recomputed; the daily job recomputes it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from gerance.kernel.odata.edm import EntityType


class Input(NamedTuple):
    """Rows of one entity type that a derivation reads. `owner`: the column with the owner's id;
    `columns`: the columns whose values it reads, `owner` included unless that is the id."""

    owner: str
    columns: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Derivation:
    """Columns of `entity` that follow from rows that belong to an entity of the type `owner`.

    `query`: for each row its id and these columns, as of the day `{today}`, for the owners that
    fulfil `{owners}`, a condition on the column `owned_by`; `{rows}` is the table of the entity;
    `inputs`: what it reads, by the names
    of entity types; `daily`: it depends on the day, and each row is its own owner.
    """

    entity: EntityType
    owner: EntityType
    columns: tuple[str, ...]
    query: str
    owned_by: str
    inputs: Mapping[str, Input]
    daily: bool = False

    @property
    def is_own(self) -> bool:
        """Whether each row is its own owner."""
        return self.owner.name == self.entity.name
