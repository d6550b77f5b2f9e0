"""A building that both sides know, and the follower, to be called when a test wants it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import psycopg
import pytest
from tests.app import provider_contact
from tests.incidents.conftest import World
from tests.living import on, running
from tests.rentals.house import House
from tests.rentals.writing import change, log_rows
from tests.waiting import until

from gerance.kernel.db import Connection
from gerance.kernel.odata.edm import EntityType
from gerance.reactions.context import Means
from gerance.reactions.follower import Follower
from gerance.rentals.maintenance.entity import CLOSED_STATUSES, SERVICE_CALL
from gerance.rentals.model import TABLES
from gerance.rentals.property.entity import BUILDING
from gerance.rentals.purchasing.entity import SUPPLIER
from gerance.rentals.writing.events import stream_uid

TODAY = date(2026, 1, 15)

Event = tuple[int, str, str, int | None]
"""Position, stream, type, cause."""


class Bridge:
    """Building 1 is linked with the world's patrimony, supplier 1 with a contact of its company."""

    def __init__(self, world: World) -> None:
        self.world, self.database = world, world.database
        self.user = world.operator_user
        self.contact = provider_contact(world.root, world.company)
        house = House(world.database)
        self.tenant = house.lease(house.unit("12"), date(2025, 7, 1), date(2027, 6, 30))
        house.close()
        self.rows(
            "INSERT INTO rentals.supplier (id, supplier_code, name) VALUES (1, 'RAY', 'Raymond')"
            " RETURNING id"
        )
        self.recorded()
        self.change(BUILDING, 1, patrimony_uid=world.patrimony)
        self.change(SUPPLIER, 1, provider_contact_uid=self.contact)
        self.react()

    def rows(self, query: str, *params: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.database, autocommit=True) as connection:
            return connection.execute(query, params).fetchall()

    def recorded(self) -> None:
        """What was written down is in the log."""

        async def act(connection: Connection) -> None:
            async with connection.transaction():
                await log_rows(connection, TABLES)

        on(self.database, act)

    def change(self, entity: EntityType, entity_id: int, **columns: Any) -> None:
        on(self.database, lambda c: change(c, entity, entity_id, columns, today=TODAY))

    def call(self, **columns: Any) -> int:
        """A service call, urgent unless it is said otherwise; its id."""
        given = {
            "priority": 1,
            "subject": "Fuite d'eau",
            "description": "Sous l'évier de la cuisine",
            "building_id": 1,
            **columns,
        }
        names = ", ".join(given)
        values = ", ".join(f"%({name})s" for name in given)
        with psycopg.connect(self.database, autocommit=True) as connection:
            found = connection.execute(
                f"INSERT INTO rentals.service_call (call_no, company_no, division_no,"
                f" building_code, {names}) SELECT coalesce(max(call_no), 0) + 1, 3, 1, '1000PINS',"
                f" {values} FROM rentals.service_call RETURNING id",
                given,
            ).fetchall()
        self.recorded()
        return int(found[0][0])

    def set(self, call: int, **columns: Any) -> None:
        """Somebody changes the call; its status says whether it is closed."""
        if "status" in columns:
            over = columns["status"] in CLOSED_STATUSES
            columns["closed_at"] = datetime.now(UTC) if over else None
        self.change(SERVICE_CALL, call, **columns)

    def shown(self, call: int, columns: str = "status") -> Any:
        ((*found,),) = self.rows(f"SELECT {columns} FROM rentals.service_call WHERE id = %s", call)
        return found[0] if len(found) == 1 else tuple(found)

    def ticket_of(self, call: int) -> str:
        """The uid of the call's ticket."""
        uid = self.shown(call, "ticket_uid")
        assert uid is not None
        return str(uid)

    def opened(self, **columns: Any) -> tuple[int, str]:
        """An urgent call and its ticket."""
        call = self.call(**columns)
        self.react()
        return call, self.ticket_of(call)

    def is_open(self, ticket: str) -> bool:
        ((closed,),) = self.rows("SELECT closed FROM ticket WHERE uid = %s", ticket)
        return not closed

    def events(self, since: int = 0) -> list[Event]:
        return [
            (position, str(stream), kind, cause)
            for position, stream, kind, cause in self.rows(
                "SELECT position, stream, event_type, caused_by FROM event WHERE position > %s"
                " ORDER BY position",
                since,
            )
        ]

    def types(self, stream: str | UUID | int) -> list[str]:
        """What happened to a ticket, or to a service call."""
        uid = stream_uid(stream) if isinstance(stream, int) else stream
        category = "ServiceCall" if isinstance(stream, int) else "ticket"
        return [
            kind
            for (kind,) in self.rows(
                "SELECT event_type FROM event WHERE category = %s AND stream = %s ORDER BY version",
                category,
                uid,
            )
        ]

    @property
    def end(self) -> int:
        """The last position of the log."""
        return int(self.rows("SELECT coalesce(max(position), 0) FROM event")[0][0])

    @property
    def failures(self) -> list[tuple[Any, ...]]:
        return self.rows("SELECT position, reaction, code FROM reaction_failure ORDER BY position")

    def follower(self) -> Follower:
        state = self.world.http.app.state  # type: ignore[attr-defined]
        return Follower(Means(state.pool, state.writer, ZoneInfo("Europe/Paris")))

    def react(self, follower: Follower | None = None) -> None:
        """Let the follower come to the end of the log."""
        follower = follower or self.follower()
        portal = self.world.http.portal
        assert portal is not None

        def quiet() -> bool:
            # An event may have to wait for a transaction of another database to be read.
            if not self.is_quiet():
                portal.call(follower.catch_up)
            return self.is_quiet()

        until(quiet)

    def is_quiet(self) -> bool:
        """Whether the follower has dealt with everything."""
        return not self.rows(
            "SELECT FROM event e WHERE (e.transaction_id, e.position) > (SELECT"
            " coalesce(max(transaction_id::text::bigint), 0)::text::xid8,"
            " coalesce(max(position), 0) FROM follower) LIMIT 1"
        )

    def start_again(self) -> None:
        """The follower has forgotten where it was."""
        self.rows("DELETE FROM follower RETURNING name")


@pytest.fixture(scope="module")
def world(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The application without its loops."""
    with running(database, tmp_path_factory.mktemp("home")) as http:
        yield World(http, database)


@pytest.fixture(scope="module")
def bridge(world: World) -> Bridge:
    return Bridge(world)
