"""A database that takes no writes, here a replica: reads go on, writes say why they cannot."""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest
import structlog
from starlette.testclient import TestClient
from tests.app import in_patrimony, open_ticket, opening
from tests.incidents.conftest import World
from tests.living import on, running
from tests.partners.calling import add as add_partner
from tests.partners.calling import described
from tests.rentals.office import EVERYWHERE, PASSWORD
from tests.waiting import until

from gerance import migrations
from gerance.kernel import embedded
from gerance.kernel.embedded.server import Server
from gerance.kernel.identity.accounts import add_user
from gerance.kernel.identity.integrators import add_integrator
from gerance.kernel.settings import load_settings
from gerance.kernel.transactions import READ_ONLY

LOGIN = "root@replica.example"
USER_PASSWORD = "a password for the replica"
PROOF = {"UserName": "office", "Password": PASSWORD}


class Replica(NamedTuple):
    """A hot standby with a ticket in it, and those who may read it."""

    database: str
    home: Path
    session: dict[str, str]
    key: str
    bearer: dict[str, str]
    root: dict[str, str]
    partner: dict[str, str]
    ticket: str
    patrimony: str


@pytest.fixture(scope="module")
def replica() -> Iterator[Replica]:
    """The data directory of a server that has stopped, started again as a standby."""
    # Not pytest's own directory: it is closed to the account that the server runs as.
    with tempfile.TemporaryDirectory(
        prefix="gerance-replica-", ignore_cleanup_errors=True
    ) as directory:
        home = Path(directory)
        settings = msgspec.structs.replace(load_settings(home=home), database_url=None)
        with embedded.database(settings) as url:
            made = _with_a_ticket(url, home)
        server = Server(home)
        (server.data / "standby.signal").touch()
        log = server.data / "standby.log"
        started = server._run("pg_ctl", "-D", server.data, "-w", "-l", log, "start")
        assert started.returncode == 0, started.stderr
        try:
            yield made
        finally:
            server._run("pg_ctl", "-D", server.data, "-w", "-m", "immediate", "stop")


def _with_a_ticket(url: str, home: Path) -> Replica:
    migrations.upgrade(url)
    on(
        url,
        lambda connection: add_user(
            connection, kind="superUser", login=LOGIN, password=USER_PASSWORD,
            first_name="Zoé", last_name="Testeur",
        ),
    )  # fmt: skip
    key = on(
        url,
        lambda connection: add_integrator(
            connection, user_name="office", password=PASSWORD, scope=EVERYWHERE
        ),
    )
    with running(url, home) as http:
        world = World(http, url)
        ticket = open_ticket(world.operator_user, in_patrimony(world.patrimony))
        session, root = dict(world.operator_user._headers), dict(world.root._headers)
        answer = http.post("/api/Token", headers={"x-api-key": key}, json=PROOF)
        bearer = {"Authorization": f"Bearer {answer.json()['token']}"}
    partner = {"Authorization": f'Token token="{add_partner(url, "FOUSSIER", "Foussier")}"'}
    # As old as one that would be prolonged.
    on(url, lambda c: c.execute("UPDATE session SET seen = now() - interval '2 minutes'"))
    return Replica(url, home, session, key, bearer, root, partner, ticket, world.patrimony)


@pytest.fixture
def http(replica: Replica) -> Iterator[TestClient]:
    with running(replica.database, replica.home) as client:
        yield client


def test_readiness_tells_the_mode(http: TestClient) -> None:
    answer = http.get("/ready")
    assert (answer.status_code, answer.json()["database"]) == (200, "read-only")


def test_tickets_are_read_with_a_session_that_cannot_be_prolonged(
    http: TestClient, replica: Replica
) -> None:
    for path in ("tickets", f"tickets/{replica.ticket}", "tickets/stats", "tickets/export"):
        answer = http.get(f"/api/v1/{path}", headers=replica.session)
        assert answer.status_code == 200, answer.text
    today = time.strftime("%Y-%m-%d")
    feed = f"/api/vEvent/tickets?from={today}T00:00:00.000Z&to={today}T23:59:59.999Z"
    assert http.get(feed, headers=replica.session).status_code == 200


def test_an_integrator_reads_with_its_token(http: TestClient, replica: Replica) -> None:
    bearer = replica.bearer
    for path in ("Tickets", "Tickets/$count", "Buildings?$expand=Units", "$metadata"):
        assert http.get(f"/api/{path}", headers=bearer).status_code == 200
    tracked = http.get("/api/Buildings", headers={**bearer, "Prefer": "odata.track-changes"})
    assert tracked.status_code == 200, tracked.text
    refused = http.post(
        "/api/Suppliers", headers=bearer, json={"SupplierCode": "ROY", "Name": "Plomberie Roy"}
    )
    assert refused.status_code == 503, refused.text
    assert refused.json()["error"]["code"] == "DatabaseReadOnly"
    assert int(refused.headers["Retry-After"]) > 0


@pytest.mark.parametrize("path", ["/api/v1/login", "/api/vEvent/login"])
def test_a_log_in_says_that_it_cannot_be_recorded(http: TestClient, path: str) -> None:
    answer = http.post(path, json={"login": LOGIN, "password": USER_PASSWORD})
    assert answer.status_code == 503, answer.text
    assert answer.json()["errorType"] == "DatabaseReadOnly"


def test_no_token_is_given_where_wrong_passwords_cannot_be_counted(
    http: TestClient, replica: Replica
) -> None:
    for body in (PROOF, {**PROOF, "Password": "a guess at the password"}):
        answer = http.post("/api/Token", headers={"x-api-key": replica.key}, json=body)
        assert answer.status_code == 503, answer.text
        assert answer.json()["error"]["code"] == "DatabaseReadOnly"


def test_a_command_says_that_it_cannot_be_written(http: TestClient, replica: Replica) -> None:
    body = opening(in_patrimony(replica.patrimony))
    answer = http.post("/api/vEvent/tickets", json=body, headers=replica.session)
    assert answer.status_code == 503, answer.text
    assert answer.json()["errorType"] == "DatabaseReadOnly"
    tried = {**replica.session, "Prefer": "handling=dry-run"}
    assert http.post("/api/vEvent/tickets", json=body, headers=tried).status_code == 200


def test_a_partner_reads_and_is_told_why_it_cannot_write(
    http: TestClient, replica: Replica
) -> None:
    base = "https://testserver/v1"
    assert http.get(f"{base}/billing-files", headers=replica.partner).status_code == 200
    for path in ("leads", "customers"):
        answer = http.post(f"{base}/{path}", json=described(), headers=replica.partner)
        assert answer.status_code == 503, answer.text
        assert "n'accepte pas d'écriture" in answer.json()["text"]
        assert int(answer.headers["Retry-After"]) > 0


def test_the_console_is_read_and_takes_no_decision(http: TestClient, replica: Replica) -> None:
    for path in ("/console/proposals", "/console/deliveries", "/console/account"):
        assert http.get(path, headers=replica.root).status_code == 200, path
    headers = {**replica.root, "Origin": "http://testserver"}
    answer = http.post("/console/account/sessions", headers=headers)
    assert answer.status_code == 503, answer.text
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "lecture" in answer.text


def test_feeds_and_subscriptions_are_read_and_not_changed(
    http: TestClient, replica: Replica
) -> None:
    for path in ("events", "subscriptions"):
        answer = http.get(f"/api/v1/{path}", headers=replica.root)
        assert answer.status_code == 200, answer.text
    hook = {"url": "https://hooks.invalid/"}
    for answer in (
        http.post("/api/v1/subscriptions", json=hook, headers=replica.root),
        http.delete("/api/v1/sessions", headers=replica.root),
    ):
        assert answer.status_code == 503, answer.text
        assert answer.json() == {
            "errorType": "DatabaseReadOnly",
            "message": READ_ONLY.rejection.message,
        }
    assert http.get("/api/v1/events", headers=replica.root).status_code == 200


def test_background_jobs_wait_until_the_database_takes_writes(
    replica: Replica,
) -> None:
    with (
        structlog.testing.capture_logs() as logged,
        running(replica.database, replica.home, jobs_inside=True, log_level="info") as http,
    ):
        assert http.get("/ready").status_code == 200
        until(
            lambda: any("read-only" in str(each.get("reason")) for each in logged),
            detail=lambda: logged,
        )
    assert not [each for each in logged if each.get("exc_info")]
