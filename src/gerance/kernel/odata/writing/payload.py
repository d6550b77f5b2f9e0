"""What a client wants to write, and who writes it: the interface to the contexts."""

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from gerance.kernel.db import Connection, Pool
from gerance.kernel.odata.access import Access
from gerance.kernel.odata.edm import EntityType
from gerance.kernel.odata.write_annotations import WriteAnnotations

Kind = Literal["create", "change", "replace", "delete"]


@dataclass(frozen=True)
class Payload:
    """An entity in a body, checked against its type.

    `columns`: the values by the columns of its table; `details`: entities to be created with it, by
    the navigation that leads to them; `links`: those of the columns by which it is linked with
    other entities (`Patrimony@odata.bind`).
    """

    columns: Mapping[str, Any]
    details: "Mapping[str, tuple[Payload, ...]]" = field(default_factory=dict)
    links: frozenset[str] = frozenset()


NOTHING = Payload({})


@dataclass(frozen=True, kw_only=True)
class EntityWrite:
    """A write. `key`: the columns that find the entity, None for a new one; `expected`: the
    versions that it may have, None for any; `actor`: the uid of the principal; `content`: of a
    media entity, its bytes and type."""

    kind: Kind
    entity: EntityType
    key: Mapping[str, Any] | None
    payload: Payload
    access: Access
    actor: str
    expected: Container[str] | None = None
    content: tuple[bytes, str] | None = None


@dataclass(frozen=True)
class WriteOutcome:
    """What was written: the key's properties, the last position of the log, the version of the
    entity, and its JSON by the names of all properties (None when it had these values already)."""

    key: Mapping[str, Any]
    position: int | None
    version: str | None = None
    document: str | None = None


class EntityWriter(Protocol):
    """A context that writes its entities; `annotations`: what is known of that before."""

    annotations: WriteAnnotations

    def deep(self, entity: EntityType) -> frozenset[str]:
        """The navigations whose entities may be created with one of this type."""

    async def write(self, connection: Connection, writing: EntityWrite) -> WriteOutcome:
        """Execute a write in the current transaction.

        Raises Rejection: 400 with the code of the rule that it breaks, 403, 404, 409 when others
        refer to it, 412.
        """

    async def write_together(self, pool: Pool, writing: EntityWrite) -> WriteOutcome | None:
        """Execute a write together with others that wait at the same time, and commit it.

        None, and nothing is written, when it needs a transaction of its own. Raises Rejection like
        `write`.
        """
