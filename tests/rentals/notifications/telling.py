"""An integrator that is told of changes: its requests, its receiver, the deliveries to it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from starlette.testclient import TestClient
from tests.living import running
from tests.receiving import Received, Receiver, receiving
from tests.rentals.test_writing import integrator

from gerance import worker
from gerance.kernel.identity.scope import Scope
from gerance.kernel.webhooks.engine import Deliverer

LOOPBACK = ("127.0.0.0/8",)
Body = dict[str, Any]


class Told:
    """The application and a receiver. Nothing is delivered until `deliver` is called."""

    def __init__(self, http: TestClient, database: str, receiver: Receiver) -> None:
        self.http, self.database, self.receiver = http, database, receiver
        self.url = receiver.url
        app: Any = http.app
        self._state = app.state
        flavours = worker.flavours(app.state.settings)
        self._deliverer = Deliverer(app.state.pool, app.state.caller, flavours, lease=30)

    def integrator(self, name: str, scope: Scope | None = None) -> dict[str, str]:
        """The headers of a new integrator's requests."""
        return integrator(self.http, self.database, name, scope or Scope())

    def subscribe(
        self,
        *entities: str,
        url: str = "",
        headers: str | None = None,
        of: dict[str, str] | None = None,
    ) -> Body:
        """What subscribing answers. `of`: whose request it is."""
        body = {"ResponseUrl": url or self.url, "ResponseHeaders": headers, "Entities": entities}
        answer = self.http.post("/api/subscribe", json=body, headers=of)
        assert answer.status_code == 200, answer.text
        found: Body = answer.json()
        return found

    def endpoints(self, **more: Any) -> list[Body]:
        found: list[Body] = self.http.get("/api/Webhooks", **more).json()
        return found

    def forget(self) -> None:
        """Remove all endpoints, whosever they are."""
        with psycopg.connect(self.database) as connection:
            connection.execute("TRUNCATE endpoint, subscription, outbox, delivery")
        self.receiver.received.clear()

    def calls(self) -> list[Received]:
        """The calls that are due, after they were made."""
        portal = self.http.portal
        assert portal is not None
        self.receiver.received.clear()
        portal.call(self._deliver)
        return list(self.receiver.received)

    def messages(self) -> list[Body]:
        """Their messages."""
        return [each.json() for each in self.calls()]

    async def _deliver(self) -> None:
        while await self._deliverer.turn():
            await self._deliverer.settle()


@contextmanager
def telling(database: str, home: Path, **settings: Any) -> Iterator[Told]:
    """The application over the database, with a receiver that it may call."""
    with running(database, home, webhook_networks=LOOPBACK, **settings) as http:
        assert http.portal is not None
        with http.portal.wrap_async_context_manager(receiving()) as receiver:
            yield Told(http, database, receiver)


def information(message: Body) -> Any:
    """What a message gives beside the Id."""
    text = message["AdditionalInformationJson"]
    return None if text is None else json.loads(text)
