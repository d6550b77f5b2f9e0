"""No statement of the main flows depends on luck with statistics or with the kind of its plan."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import psycopg
import pytest
from starlette.testclient import TestClient
from tests.app import LATER, opening
from tests.living import on, running
from tests.partners.calling import described
from tests.plans.explaining import Explaining, explaining
from tests.rentals.together import changes, together
from tests.waiting import until

from gerance import demo
from gerance.kernel.db import Connection
from gerance.kernel.webhooks.endpoints import add_endpoint, subscribe
from gerance.odata_service import MODEL
from gerance.rentals.model.rules import RULESET
from gerance.rentals.writing.daily_job import bring_to

TIMES, MORE, OF_ROW = 10, 300, 4
"""The worst plan may do so many times the work of the best one, so much more, and so much for each
row of its largest step: a look-up by an index."""

BACKLOG = 3000
TODAY = datetime.now(UTC).date()
READ = (
    "Buildings?$select=CompanyNo,BuildingCode,Id",
    "Buildings?$orderby=BuildingCode&$expand=Units&$top=30",
    "Buildings?$filter=CompanyNo eq 3 and DivisionNo eq 1&$expand=Units($select=Id;$top=2)",
    "Units?$filter=BuildingId eq 7",
    "Units(5)",
    "Tenants(51)?$expand=Transactions($top=3),Unit",
    "Tenants?$filter=contains(LastName,'cyr')&$top=10",
    "Tenants/$count?$filter=Active",
    "Transactions?$filter=TenantId eq 51&$orderby=TransactionDate desc",
    "Units/ForRent(from=2026-12-01,to=2027-01-31)?$top=3",
    "Tickets?$top=10",
)


@pytest.fixture(scope="module")
def loaded(database: str) -> tuple[str, demo.DemoWorld]:
    """The demonstration, never analysed by itself while the test runs."""
    world = demo.load(database)
    with psycopg.connect(database, autocommit=True) as connection:
        tables = connection.execute(
            "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r'"
            " AND relnamespace::regnamespace::text IN ('public', 'rentals')"
        ).fetchall()
        for (table,) in tables:
            connection.execute(f"ALTER TABLE {table} SET (autovacuum_enabled = false)")
        connection.execute("ANALYZE")
    return database, world


@pytest.fixture(scope="module")
def explained(
    loaded: tuple[str, demo.DemoWorld], tmp_path_factory: pytest.TempPathFactory
) -> Explaining:
    """Every statement of the main flows, explained."""
    database, world = loaded
    on(database, subscribed)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("ANALYZE outbox, endpoint, subscription")
    home = tmp_path_factory.mktemp("home")
    with explaining() as found, running(database, home, jobs_inside=True) as http:
        incidents(http, world)
        rentals(http, world)
        partners(http, world)
        on(database, next_days)
        until_reacted(database)
    return found


async def subscribed(connection: Connection) -> None:
    """Endpoints where nobody answers; one has a backlog."""
    for nth in range(3):
        uid, _ = await add_endpoint(
            connection, flavour="rentals", owner=str(uuid4()), url="http://127.0.0.1:9/", rate=2.0
        )
        await subscribe(connection, uid, {"Unit": None, "Transaction": None, "Tenant": None})
        if nth == 0:
            await connection.execute(
                "INSERT INTO outbox (endpoint, position, stream, bytes) SELECT %s, e.position,"
                " md5(e.category || e.stream::text)::uuid, 100 FROM event e"
                " WHERE e.category = 'Tenant' ORDER BY e.position LIMIT %s",
                [uid, BACKLOG],
            )


def incidents(http: TestClient, world: demo.DemoWorld) -> None:
    """A log-in, reads and commands of tickets."""
    account = world.accounts["callCenterUser"]
    login = {name: account[name] for name in ("login", "password")}
    assert http.post("/api/vEvent/login", json=login).is_success
    location = {
        "patrimonyUid": world.sample["patrimonyUid"],
        "locationReferenceType": "PatrimonyLocation",
    }
    for path in (
        "tickets", "tickets?status=OPENED", "tickets?fulltext=fuite", "tickets/stats",
        "tickets/export?fulltext=chaudiere", "patrimonies", "agencies", "lots", "operators",
        "patrimonycontacts", "providercontacts", "clientcompanies", "users",
        f"tickets?agencies={world.sample['agencyUid']}",
        f"tickets?providers={world.sample['providerContactUid']}",
    ):  # fmt: skip
        assert http.get(f"/api/v1/{path}").status_code in (200, 206, 404), path
    for _ in range(4):
        opened = http.post("/api/vEvent/tickets", json=opening(location))
        assert opened.status_code == 201, opened.text
        ticket = opened.json()["events"][0]["aggregateUid"]
        closing = {
            "processUid": str(uuid4()), "commandType": "CloseTicket", "stillOnSite": "No",
            "closingDate": LATER,
        }  # fmt: skip
        assert http.patch(f"/api/vEvent/tickets/{ticket}", json=closing).is_success
        assert http.get(f"/api/v1/tickets/{ticket}").is_success


def rentals(http: TestClient, world: demo.DemoWorld) -> None:
    """Reads of every set, a delta link, writes, the billing run."""
    account = world.accounts["integrator"]
    body = {"UserName": account["userName"], "Password": account["password"]}
    token = http.post("/api/Token", headers={"x-api-key": account["apiKey"]}, json=body).json()
    headers = {"Authorization": f"Bearer {token['token']}", "Cache-Control": "no-cache"}
    many = ",".join(map(str, range(1, 300)))
    track = headers | {"Prefer": "odata.track-changes"}
    links = [
        http.get(f"/api/{path}", headers=track).json()["@odata.deltaLink"]
        for path in ("Transactions?$top=0", "Units?$filter=Building/City ne 'x'&$top=0")
    ]
    questions = [*(f"{each.set_name}?$top=20" for each in MODEL.sets.values()), *READ]
    for path in (*questions, f"Tenants?$filter=Id in ({many})&$select=Id"):
        assert http.get(f"/api/{path}", headers=headers).status_code in (200, 403), path
    lease = http.get("/api/Tenants?$filter=Active&$top=1", headers=headers).json()["value"][0]
    for nth in range(4):
        payment = {"TenantId": lease["Id"], "TransactionDate": f"2026-0{nth + 1}-05", "Kind": "P",
                   "Amount": -10}  # fmt: skip
        keyed = headers | {"Idempotency-Key": f"key-{nth}"}
        assert http.post("/api/Transactions", json=payment, headers=keyed).status_code == 201
        changed = http.patch("/api/Units(5)", json={"Floor": nth}, headers=headers)
        assert changed.is_success, changed.text
    portal, state = http.portal, http.app.state  # type: ignore[attr-defined]
    assert portal is not None
    for nth in range(4):
        for name, body in (
            ("Tenant", {"Rent": 900 + nth}),
            ("Supplier", {"ContactName": f"{nth}"}),
        ):
            batch = changes(name, *((id_, body) for id_ in range(1, 9)))
            assert None not in portal.call(together, state.pool, batch)
    for link in links:
        assert http.get(link, headers=headers).status_code == 200
    first = TODAY.replace(day=1)
    for month in (first, first + timedelta(32)):
        order = {"Period": f"{month:%Y-%m}"}
        assert http.post("/api/Billing/Run", json=order, headers=headers).status_code == 200
    call = {"Priority": 1, "Subject": "Fuite", "BuildingId": 1, "Description": "Sous l'évier"}
    http.post("/api/ServiceCalls", json=call, headers=headers)


def partners(http: TestClient, world: demo.DemoWorld) -> None:
    """A lead, a customer and its life."""
    headers = {"Authorization": f'Token token="{world.accounts["partner"]["token"]}"'}
    url = "https://testserver/v1"
    for nth in range(4):
        client = described(client_id=f"hot-{nth}", campaign_code=None)
        for path in ("leads", "customers"):
            answer = http.post(f"{url}/{path}", json=client, headers=headers)
            assert answer.status_code == 200, answer.text
        offer = f"{url}/customers/hot-{nth}/offer"
        http.post(offer, json={"months": 1}, headers=headers | {"Idempotency-Key": "k"})
        assert http.get(f"{url}/customers/hot-{nth}", headers=headers).is_success


async def next_days(connection: Connection) -> None:
    """The daily job, of a day on which much changes."""
    await bring_to(connection, RULESET, TODAY + timedelta(40))


def until_reacted(database: str) -> None:
    """Wait until the loops have seen all that happened."""
    behind = "SELECT FROM follower f WHERE f.position < (SELECT max(position) FROM event)"
    with psycopg.connect(database, autocommit=True) as connection:
        until(lambda: connection.execute(behind).fetchone() is None)


def test_the_worst_plan_is_about_as_good_as_the_best(explained: Explaining) -> None:
    worse = {}
    for text, found in explained.statements.items():
        for each in found:
            if each.worst > TIMES * each.best + MORE + OF_ROW * each.rows:
                worse[text] = f"{each.best}, {each.worst} in the worst case: {each.plan}"
    assert not worse, "\n\n".join(f"{text}\n{why}" for text, why in worse.items())


def test_all_flows_are_explained(explained: Explaining) -> None:
    """What this module promises: the statements of each flow are among those explained."""
    texts = "\n".join(explained.statements)
    for part in (
        "INSERT INTO rentals.transaction", "FROM session", "INSERT INTO event", "outbox",
        "scheduled_job", "partner_customer", "rentals.service_call", "idempotency_key",
        "WITH since AS", "updates AS MATERIALIZED", "WITH ORDINALITY AS k (k_id, nth)",
    ):  # fmt: skip
        assert part in texts, part
    assert len(explained.statements) > 100
    assert len(explained.failed) < 5, explained.failed
