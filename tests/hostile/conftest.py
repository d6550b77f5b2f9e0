"""A client of each API, and the watchdog over the event loop of their server."""

from collections.abc import Container, Iterator
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

UNDERSTOOD = (200, 201, 204, 400, 501)
"""Statuses of a request that was let in, found what it is for, and was read."""
GUESSED = (400, 429)
"""Those of a wrong log-in: after some of them, it is told to wait."""


@dataclass
class Strangers:
    """A client of each API, and the watchdog over their server."""

    http: TestClient
    dog: Watchdog
    headers: dict[str, dict[str, str]]
    patrimony: str
    supplier: str
    """The path of one."""

    def send(
        self,
        api: str,
        method: str,
        path: str,
        content: Any,
        expected: Container[int] = UNDERSTOOD,
        **headers: str,
    ) -> None:
        """A request, which comes as far as what it is meant for: its status is an expected one."""
        given = {"Content-Type": "application/json", **self.headers[api], **headers}
        answer = self.http.request(method, path, content=content, headers=given)
        what = f"{method} {path[:60]}: {answer.status_code} {answer.text[:300]}"
        assert answer.status_code in expected, what
        # A page of the console has its style in it, whatever was sent.
        most = 20_000 if answer.headers.get("content-type", "").startswith("text/html") else 10_000
        assert answer.status_code < 400 or len(answer.content) < most


@pytest.fixture(scope="module")
def strangers(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Strangers]:
    home = tmp_path_factory.mktemp("home")
    with running(database, home, log_level="error", partners_plain_http="allow") as http:
        world = World(http, database)
        token = add(database, "FOUSSIER", "Foussier")
        headers = {
            "rentals": integrator(http, database, "hostile", Scope(incidents=True, partners=True)),
            "incidents": world.operator_user._headers,
            "partners": {"Authorization": f'Token token="{token}"'},
            "nobody": {},
        }
        made = http.post(
            "/api/Suppliers", json={"supplierCode": "H", "name": "H"}, headers=headers["rentals"]
        )
        assert made.status_code == 201, made.text
        assert http.portal is not None
        with watched(http.portal) as dog:
            yield Strangers(
                http, dog, headers, world.patrimony, f"/api/Suppliers({made.json()['Id']})"
            )
