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
from gerance.rentals.notifications.entities import ENTITIES, EXTRA_PROPERTIES
from gerance.rentals.notifications.places import EventRow, look_up
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
        self, connection: Connection, deliveries: Sequence[PendingDelivery]
    ) -> Sequence[Message | None]:
        """A message for each whose owner may read the entity now, or could until it was deleted.

        None for the others, and for all whose integrator is disabled. One statement for the
        integrators, and one for each category of which something has to be looked up.
        """
        owners = {each.endpoint.owner for each in deliveries}
        integrators = await enabled_integrators(connection, owners)
        accesses = {uid: self.access(integrator) for uid, integrator in integrators.items()}
        pairs = [(each, _access_for(each, accesses)) for each in deliveries]
        rows = await _look_up(
            connection, (each for each, access in pairs if _needs_row(each, access))
        )
        return [
            self._message(each, rows.get(each.position))
            if access is not None and _within(each, access, rows.get(each.position))
            else None
            for each, access in pairs
        ]

    def ping(self, endpoint: WebhookEndpoint) -> Message:
        """An entity that is none, of the status 0."""
        return self._body(0, PING, 0, None)

    def access(self, integrator: Integrator) -> Access:
        """What an integrator may read of the rentals."""
        return access_of(integrator, ENTITIES.values(), self._modules, frozenset())

    def _message(self, delivery: PendingDelivery, row: EventRow | None) -> Message:
        names = EXTRA_PROPERTIES.get(delivery.category, ())
        values = dict(row.extra) if row and row.extra else {}
        data: Mapping[str, Any] = json.loads(delivery.data) if names else {}
        values |= {name: data[name] for name in names if name in data}
        information = {_camel(name): values.get(name) for name in names}
        status = STATUSES[delivery.event_type.removeprefix(delivery.category)]
        text = json.dumps(information, ensure_ascii=False) if information else None
        return self._body(entity_id(delivery.stream), delivery.category, status, text)

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
    parameters = conninfo_to_dict(url)
    return str(parameters.get("dbname") or parameters.get("user") or "gerance")


def _access_for(delivery: PendingDelivery, accesses: Mapping[str, Access]) -> Access | None:
    """What its owner may read, if that is something of the entity's set."""
    access, entity = accesses.get(delivery.endpoint.owner), ENTITIES.get(delivery.category)
    return access if access is not None and entity is not None and access.reads(entity) else None


def _needs_row(delivery: PendingDelivery, access: Access | None) -> bool:
    """Whether something has to be looked up for it."""
    if access is None:
        return False
    has_extra = delivery.category in EXTRA_PROPERTIES and delivery.event_type.endswith("Changed")
    return has_extra or access.rows(ENTITIES[delivery.category]) is not None


async def _look_up(
    connection: Connection, deliveries: Iterable[PendingDelivery]
) -> dict[int, EventRow]:
    positions: dict[str, set[int]] = {}
    for each in deliveries:
        positions.setdefault(each.category, set()).add(each.position)
    rows: dict[int, EventRow] = {}
    for category, numbers in positions.items():
        rows |= await look_up(connection, category, sorted(numbers))
    return rows


def _within(delivery: PendingDelivery, access: Access, row: EventRow | None) -> bool:
    """Whether one of the row's places is one that is seen."""
    scopes = access.rows(ENTITIES[delivery.category])
    return scopes is None or any(
        all(place.get(column) == value for column, value in each.items())
        for each in scopes
        for place in (row.places if row else ())
    )


def _camel(name: str) -> str:
    return name[0].lower() + name[1:]
