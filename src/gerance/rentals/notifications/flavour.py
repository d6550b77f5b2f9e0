"""The message of the rentals (reference/002, webhooks): which entity was created, changed, deleted.

It contains no data of the entity: the integrator reads the entity, with its rights at that time.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from psycopg.conninfo import conninfo_to_dict

from gerance.kernel.db import Connection
from gerance.kernel.identity.bearer import Integrator, enabled_integrators
from gerance.kernel.odata.access import Access
from gerance.kernel.settings import Settings
from gerance.kernel.webhooks.flavours import Message, PendingDelivery, WebhookEndpoint
from gerance.kernel.wire import encode
from gerance.rentals.access.notice import FLAVOUR
from gerance.rentals.access.rights import access_of
from gerance.rentals.notifications.entities import ENTITIES, MENTIONED
from gerance.rentals.notifications.places import Known, look_up
from gerance.rentals.writing.events import entity_id

__all__ = ["FLAVOUR", "Rentals", "rentals_flavour"]

STATUSES = {"Changed": 1, "Deleted": 2, "Created": 3}
"""The status of a message, by the end of the event's type."""
PING = "Ping"


class Rentals:
    """The messages of the rentals; a Flavour. `database_name`: the name of the client or database;
    `modules`: those that this installation has."""

    def __init__(self, database_name: str, modules: frozenset[str]) -> None:
        self._database_name = database_name
        self._modules = modules

    async def render(
        self, connection: Connection, owed: Sequence[PendingDelivery]
    ) -> Sequence[Message | None]:
        """A message for each whose owner may read the entity now, or could until it was deleted.

        None for the others, and for all whose integrator is disabled. One statement for the
        integrators, and one for each category of which something has to be looked up.
        """
        found = await enabled_integrators(connection, {each.endpoint.owner for each in owed})
        accesses = {uid: self.access(integrator) for uid, integrator in found.items()}
        allowed = [_allowed(each, accesses) for each in owed]
        known = await _look_up(
            connection,
            (each for each, access in zip(owed, allowed, strict=True) if _wanting(each, access)),
        )
        return [
            self._message(each, known.get(each.position))
            if access is not None and _within(each, access, known.get(each.position))
            else None
            for each, access in zip(owed, allowed, strict=True)
        ]

    def ping(self, endpoint: WebhookEndpoint) -> Message:
        """An entity that is none, of the status 0."""
        return self._body(0, PING, 0, None)

    def access(self, integrator: Integrator) -> Access:
        """What an integrator may read of the rentals."""
        return access_of(integrator, ENTITIES.values(), self._modules, frozenset())

    def _message(self, owed: PendingDelivery, known: Known | None) -> Message:
        names = MENTIONED.get(owed.category, ())
        values = dict(known.mentioned) if known and known.mentioned else {}
        data: Mapping[str, Any] = json.loads(owed.data) if names else {}
        values |= {name: data[name] for name in names if name in data}
        information = {_camel(name): values.get(name) for name in names}
        status = STATUSES[owed.event_type.removeprefix(owed.category)]
        text = json.dumps(information, ensure_ascii=False) if information else None
        return self._body(entity_id(owed.stream), owed.category, status, text)

    def _body(self, number: int, entity: str, status: int, information: str | None) -> Message:
        body = {
            "Id": number,
            "Entity": entity,
            "Status": status,
            "DatabaseName": self._database_name,
            "AdditionalInformationJson": information,
        }
        return Message(encode(body))


def rentals_flavour(settings: Settings) -> Rentals:
    """The messages of this installation."""
    return Rentals(
        settings.client_name or _database(settings.database_url or ""), frozenset(settings.modules)
    )


def _database(url: str) -> str:
    """The name of the database at a libpq URL; by default that of the user."""
    given = conninfo_to_dict(url)
    return str(given.get("dbname") or given.get("user") or "gerance")


def _allowed(owed: PendingDelivery, accesses: Mapping[str, Access]) -> Access | None:
    """What its owner may read, if that is something of the entity's set."""
    access, entity = accesses.get(owed.endpoint.owner), ENTITIES.get(owed.category)
    return access if access is not None and entity is not None and access.reads(entity) else None


def _wanting(owed: PendingDelivery, access: Access | None) -> bool:
    """Whether something has to be looked up for it."""
    if access is None:
        return False
    mentioned = owed.category in MENTIONED and owed.event_type.endswith("Changed")
    return mentioned or access.rows(ENTITIES[owed.category]) is not None


async def _look_up(connection: Connection, owed: Iterable[PendingDelivery]) -> dict[int, Known]:
    positions: dict[str, set[int]] = {}
    for each in owed:
        positions.setdefault(each.category, set()).add(each.position)
    found: dict[int, Known] = {}
    for category, wanted in positions.items():
        found |= await look_up(connection, category, sorted(wanted))
    return found


def _within(owed: PendingDelivery, access: Access, known: Known | None) -> bool:
    """Whether one of the row's places is one that is seen."""
    seen = access.rows(ENTITIES[owed.category])
    return seen is None or any(
        all(place.get(column) == value for column, value in each.items())
        for each in seen
        for place in (known.places if known else ())
    )


def _camel(name: str) -> str:
    return name[0].lower() + name[1:]
