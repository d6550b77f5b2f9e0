"""A request with an Idempotency-Key comes again: after a crash, at another URL, asked otherwise."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest
from starlette.testclient import TestClient
from tests.cli.conftest import clean_environment
from tests.cli.test_serve import free_port, until_ready
from tests.living import running
from tests.partners.calling import add, described
from tests.rentals.conftest import estate, rentals_template
from tests.rentals.test_writing import SUPPLIER, integrator
from tests.waiting import PATIENCE

from gerance.kernel.identity.scope import Scope

__all__ = ["estate", "rentals_template"]

_ROOT = Path(__file__).parents[2]
_numbers = count(1)

URLS = ("https://other.example:8443", "http://[::1]:81")
OTHERWISE: tuple[dict[str, str], ...] = (
    {},
    {"Prefer": "return=minimal"},
    {"Accept": "application/json;odata.metadata=full"},
    {"Accept": "application/json;odata.metadata=none"},
    {"X_Forwarded_Host": "elsewhere.example", "X_Forwarded_Prefix": "/gerance"},
)


@pytest.fixture(scope="module")
def server(estate: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with running(estate, tmp_path_factory.mktemp("home")) as client:
        client.headers |= integrator(client, estate, "repeats", Scope())
        yield client


@contextmanager
def dying(database: str, home: Path) -> Iterator[tuple["subprocess.Popen[str]", int]]:
    """A process that serves until it has committed a write; its port."""
    port = free_port()
    command = [sys.executable, "-m", "tests.faults.dying", "serve", "--port", str(port)]
    environment = clean_environment(
        GERANCE_DATABASE_URL=database, GERANCE_HOME=str(home), GERANCE_JOBS_INSIDE="false"
    )
    with subprocess.Popen(
        [*command, "--admin-port", "0"],
        stderr=subprocess.PIPE, text=True, env=environment, cwd=_ROOT,
    ) as process:  # fmt: skip
        try:
            until_ready(f"http://127.0.0.1:{port}/live", process)
            yield process, port
        finally:
            process.kill()


def new_supplier() -> dict[str, Any]:
    return {**SUPPLIER, "SupplierCode": f"AGAIN{next(_numbers)}"}


def post(server: TestClient, body: Any, key: str, url: str = "", **headers: str) -> httpx2.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return server.post(f"{url}/api/Suppliers", json=body, headers={"Idempotency-Key": key, **named})


def suppliers(server: TestClient, body: Any) -> list[int]:
    code = body["SupplierCode"]
    found = server.get(f"/api/Suppliers?$filter=SupplierCode eq '{code}'&$select=Id").json()
    return [each["Id"] for each in found["value"]]


def require_the_same(
    server: TestClient, body: Any, key: str, id_: int, url: str, headers: dict[str, str]
) -> None:
    """The repetition creates nothing, and its answer has the URL that it was sent to."""
    again = post(server, body, key, url, **headers)
    assert again.is_success, again.text
    assert again.headers["Location"] == f"{url}/api/Suppliers({id_})"
    if again.status_code == 201:
        assert again.json()["Id"] == id_
        context = f"{url}/api/$metadata#Suppliers/$entity"
        assert again.json().get("@odata.context", context) == context
    else:
        assert again.headers["OData-EntityId"] == f"{url}/api/Suppliers({id_})"
    assert suppliers(server, body) == [id_]


@pytest.mark.parametrize("first", OTHERWISE, ids=str)
def test_a_repetition_at_another_url_is_answered_there(
    server: TestClient, first: dict[str, str]
) -> None:
    body, key = new_supplier(), f"key-{next(_numbers)}"
    assert post(server, body, key, **first).is_success
    (id_,) = suppliers(server, body)
    for url in URLS:
        for headers in OTHERWISE:
            require_the_same(server, body, key, id_, url, headers)


def test_a_server_dies_between_the_commit_and_the_answer(
    server: TestClient, estate: str, tmp_path: Path
) -> None:
    body = new_supplier()
    with dying(estate, tmp_path) as (process, port):
        with pytest.raises((httpx2.RemoteProtocolError, httpx2.ReadError)):
            httpx2.post(
                f"http://127.0.0.1:{port}/api/Suppliers", json=body, timeout=PATIENCE,
                headers={"Idempotency-Key": "dies",
                         "Authorization": server.headers["Authorization"]},
            )  # fmt: skip
        assert process.wait(PATIENCE) == -signal.SIGKILL
    (id_,) = suppliers(server, body)
    for url in URLS:
        for headers in OTHERWISE:
            require_the_same(server, body, "dies", id_, url, headers)
            # As the dead server left it, for the next one.
            unanswered(estate, "dies", id_)


def unanswered(database: str, key: str, id_: int) -> None:
    """The request is committed and has no answer, as a server that dies then leaves it."""
    with psycopg.connect(database) as connection:
        connection.execute(
            "UPDATE idempotency_key SET body = NULL, status = 201, headers = json_build_object("
            "'root', headers ->> 'root', 'Location', (headers ->> 'root') || %s) WHERE key = %s",
            [f"Suppliers({id_})", key],
        )


def test_what_was_created_and_deleted_before_the_repetition_is_not_an_error(
    server: TestClient, estate: str
) -> None:
    body = new_supplier()
    assert post(server, body, "gone").status_code == 201
    (id_,) = suppliers(server, body)
    unanswered(estate, "gone", id_)
    assert server.delete(f"/api/Suppliers({id_})").status_code == 204
    again = post(server, body, "gone")
    assert (again.status_code, again.content) == (204, b"")
    assert again.headers["Location"] == f"http://testserver/api/Suppliers({id_})"


def test_texts_of_a_client_are_stored_as_they_are(server: TestClient) -> None:
    body = new_supplier() | {"Name": "http://testserver/api/ http://gerance.invalid/api/"}
    first = post(server, body, "texts")
    again = post(server, body, "texts", "https://other.example")
    assert first.json()["Name"] == again.json()["Name"] == body["Name"]


def test_a_partner_repeats_a_call_at_another_url(estate: str, server: TestClient) -> None:
    token = add(estate, "FOUSSIER", "Foussier")
    headers = {"Authorization": f'Token token="{token}"', "Idempotency-Key": "p1"}
    lead = described(client_id="again")
    first = server.post("https://testserver/v1/leads", json=lead, headers=headers)
    again = server.post("https://other.example:444/v1/leads", json=lead, headers=headers)
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert first.status_code == 200
