"""An integrator's office: writes to the demonstration's rentals over HTTP."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient
from tests.living import on, running

from gerance.kernel.identity.integrators import add_integrator
from gerance.kernel.identity.scope import Scope

EVERYWHERE = Scope(incidents=True, partners=True)
PASSWORD = "correct horse battery staple"


class Office:
    """Requests of one integrator, and what they are answered."""

    def __init__(self, http: TestClient) -> None:
        self.http = http

    def post(self, sets: str, **body: Any) -> Any:
        """The entity that was created."""
        answer = self.http.post(f"/api/{sets}", json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def change(self, path: str, **body: Any) -> Any:
        """The entity that was changed."""
        answer = self.http.patch(
            f"/api/{path}", json=body, headers={"Prefer": "return=representation"}
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    def delete(self, path: str) -> None:
        answer = self.http.delete(f"/api/{path}")
        assert answer.status_code == 204, answer.text

    def read(self, path: str, **options: str) -> Any:
        """The entity, or those of the collection."""
        answer = self.http.get(
            f"/api/{path}", params={f"${name}": value for name, value in options.items()}
        )
        assert answer.status_code == 200, answer.text
        found = answer.json()
        return found.get("value", found)

    def refusal(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """The error of a request that is refused with 400."""
        answer = self.http.request(method, f"/api/{path}", json=body)
        assert answer.status_code == 400, answer.text
        error: dict[str, Any] = answer.json()["error"]
        return error


@contextmanager
def opened_office(database: str, home: Path, scope: Scope = EVERYWHERE) -> Iterator[Office]:
    """The office of a new integrator, over a database that has rentals."""
    key = on(
        database,
        lambda connection: add_integrator(
            connection, user_name="office", password=PASSWORD, scope=scope
        ),
    )
    with running(database, home) as http:
        body = {"UserName": "office", "Password": PASSWORD}
        answer = http.post("/api/Token", headers={"x-api-key": key}, json=body)
        http.headers["Authorization"] = f"Bearer {answer.json()['token']}"
        yield Office(http)
