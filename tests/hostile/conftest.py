"""A client of each API, and the watchdog over the event loop of their server."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.hostile.watchdog import Watchdog, watched
from tests.incidents.conftest import World
from tests.living import running
from tests.partners.calling import add
from tests.rentals.test_writing import integrator

from gerance.kernel.identity.scope import Scope


@dataclass
class Strangers:
    """A client of each API, and the watchdog over their server."""

    http: TestClient
    dog: Watchdog
    headers: dict[str, dict[str, str]]
    patrimony: str

    def send(self, api: str, method: str, path: str, content: Any, **headers: str) -> None:
        given = {"Content-Type": "application/json", **self.headers[api], **headers}
        answer = self.http.request(method, path, content=content, headers=given)
        assert answer.status_code < 500 or answer.status_code == 501, answer.text[:300]
        assert answer.status_code < 400 or len(answer.content) < 10_000


@pytest.fixture(scope="module")
def strangers(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Strangers]:
    home = tmp_path_factory.mktemp("home")
    with running(database, home, log_level="error") as http:
        world = World(http, database)
        token = add(database, "FOUSSIER", "Foussier")
        headers = {
            "rentals": integrator(http, database, "hostile", Scope(incidents=True, partners=True)),
            "incidents": world.operator_user._headers,
            "partners": {"Authorization": f'Token token="{token}"'},
            "nobody": {},
        }
        patrimony = world.patrimony
        assert http.portal is not None
        with watched(http.portal) as dog:
            yield Strangers(http, dog, headers, patrimony)
