"""Subscribing as the reference has it: names, headers, moving, refusals."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

import psycopg
import pytest
from tests.rentals.conftest import estate, rentals_template
from tests.rentals.notifications.telling import Told, telling

from gerance.kernel.webhooks.endpoints import MOST_OF_ONE_OWNER
from gerance.kernel.webhooks.reassign import MOST_WAIT_SECONDS
from gerance.rentals.notifications.entities import ENTITIES

__all__ = ["estate", "rentals_template"]


@pytest.fixture(scope="module")
def told(estate: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    with telling(estate, tmp_path_factory.mktemp("home"), client_name="DEV/ALEX") as told:
        told.http.headers |= told.integrator("crm")
        yield told


@pytest.fixture(autouse=True)
def nothing_subscribed(told: Told) -> None:
    told.forget()


def subscribed(told: Told) -> Any:
    answer = told.http.get("/api/subscribe")
    assert answer.status_code == 200
    return answer.json()


def refused(told: Told, body: Any, path: str = "subscribe") -> tuple[int, str, str]:
    answer = told.http.post(f"/api/{path}", json=body)
    error = answer.json()["error"]
    return answer.status_code, error["code"], error["message"]


def test_the_story_of_the_reference(told: Told) -> None:
    """Reference/002, "Configuration et utilisation des webhooks", with its very bodies."""
    body = {
        "ResponseUrl": told.url,
        "ResponseHeaders": "testing-website-token:TEST123456",
        "Entities": ["building", "unit"],
    }
    answer = told.http.post("/api/subscribe", json=body)
    assert answer.status_code == 200
    made = answer.json()
    assert (made["ResponseUrl"], made["Entities"]) == (told.url, ["Building", "Unit"])
    assert made["Secret"].startswith("whsec_")
    assert subscribed(told) == ["Building", "Unit"]
    told.http.patch("/api/Units(2)", json={"BaseRent": 777})
    (call,) = told.calls()
    assert call.headers["testing-website-token"] == "TEST123456"
    assert call.headers["content-type"] == "application/json"
    assert call.body == (
        b'{"Id":2,"Entity":"Unit","Status":1,"DatabaseName":"DEV/ALEX",'
        b'"AdditionalInformationJson":null}'
    )
    assert told.http.post("/api/unsubscribe", json=["building", "unit"]).json() == []
    assert subscribed(told) == []
    told.http.patch("/api/Units(2)", json={"BaseRent": 778})
    assert told.calls() == []


def test_names_are_read_in_any_case_singular_or_plural(told: Told) -> None:
    body = {
        "responseurl": told.url,
        "RESPONSEHEADERS": None,
        "entities": ["TENANTPARKING", "Units", "unit", " serviceCalls "],
    }
    answer = told.http.post("/API/Subscribe/", json=body)
    assert answer.json()["Entities"] == ["ServiceCall", "TenantParking", "Unit"]
    assert told.http.post("/api/UNSUBSCRIBE", json=["ServiceCalls"]).json() == [
        "TenantParking",
        "Unit",
    ]


@pytest.mark.parametrize("headers", ["", None, " ; "])
def test_headers_may_be_empty_or_null(headers: str | None, told: Told) -> None:
    told.subscribe("Unit", headers=headers)
    assert [each["Headers"] for each in told.endpoints()] == [[]]


def test_several_headers_go_with_each_call(told: Told) -> None:
    told.subscribe("Unit", headers="X-Token: a:b ;x-other:2")
    told.http.patch("/api/Units(3)", json={"BaseRent": 779})
    (call,) = told.calls()
    assert (call.headers["x-token"], call.headers["x-other"]) == ("a:b", "2")
    (shown,) = told.endpoints()
    assert shown["Headers"] == ["X-Token", "x-other"]
    assert "a:b" not in str(shown)


@pytest.mark.parametrize(
    "headers",
    [
        "Host:elsewhere.example", "webhook-signature:v1,forged", "Content-Length:0", "no colon",
        "X-One:1;x-one:2", "X:a\r\nInjected:1", "X\n:1", ":1", "X:é", f"X:{'a' * 9000}",
    ],
)  # fmt: skip
def test_headers_that_cannot_be_sent_are_refused(headers: str, told: Told) -> None:
    body = {"ResponseUrl": told.url, "ResponseHeaders": headers, "Entities": ["Unit"]}
    status, code, message = refused(told, body)
    assert (status, code) == (400, "BadRequest")
    assert "aders" in message
    assert "forged" not in message
    assert told.endpoints() == []


@pytest.mark.parametrize(
    "url",
    [
        "http://10.1.2.3/", "http://[::1]:9/", "http://169.254.169.254/latest", "ftp://crm.example/",
        "https://me:hush@crm.example/", "crm.example", "", "http://192.168.1.1.:80/",
    ],
)  # fmt: skip
def test_an_url_that_may_not_be_called_is_refused(url: str, told: Told) -> None:
    status, code, message = refused(told, {"ResponseUrl": url, "Entities": ["Unit"]})
    assert (status, code) == (400, "TargetRefused")
    assert message.startswith("ResponseUrl: ")
    assert "hush" not in message


def test_an_unknown_entity_is_named_with_all_that_there_are(told: Told) -> None:
    for path, body in (
        ("subscribe", {"ResponseUrl": told.url, "Entities": ["unit", "flat"]}),
        ("unsubscribe", ["unit", "flat"]),
        ("subscribe", {"ResponseUrl": told.url, "Entities": ["Tickets", "flat"]}),
    ):
        status, code, message = refused(told, body, path)
        assert (status, code) == (400, "UnknownEntity")
        assert repr("flat" if "Tickets" not in str(body) else "Tickets") in message
        assert ", ".join(ENTITIES) in message
    assert subscribed(told) == []


@pytest.mark.parametrize(
    "body",
    [
        {"ResponseUrl": "http://127.0.0.1/"},
        {"ResponseUrl": "http://127.0.0.1/", "Entities": []},
        {"ResponseUrl": "http://127.0.0.1/", "Entities": "unit"},
        {"ResponseUrl": "http://127.0.0.1/", "Entities": ["unit"] * 101},
        {"ResponseUrl": None, "Entities": ["unit"]},
        {"ResponseUrl": "http://127.0.0.1/", "responseUrl": "x", "Entities": ["unit"]},
        ["unit"],
    ],
)
def test_what_is_no_subscription_is_refused(body: Any, told: Told) -> None:
    assert refused(told, body)[:2] == (400, "BadRequest")


def test_without_a_token_nothing_is_answered(told: Told) -> None:
    for method, path in (("POST", "subscribe"), ("GET", "subscribe"), ("GET", "Webhooks")):
        answer = told.http.request(method, f"/api/{path}", headers={"Authorization": ""})
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert answer.json()["error"]["code"] == "Unauthorized"


def test_different_entities_go_to_different_addresses(told: Told) -> None:
    told.subscribe("Unit", url=f"{told.url}/units")
    told.subscribe("Supplier", url=f"{told.url}/suppliers")
    told.http.patch("/api/Units(4)", json={"BaseRent": 781})
    told.http.patch("/api/Suppliers(1)", json={"ContactName": "Autre"})
    found = {(each.path, each.json()["Entity"]) for each in told.calls()}
    assert found == {("/hook/units", "Unit"), ("/hook/suppliers", "Supplier")}
    assert subscribed(told) == ["Supplier", "Unit"]


def test_an_entity_that_is_subscribed_again_moves_with_what_was_still_to_be_told(
    told: Told,
) -> None:
    before = told.subscribe("Unit", "Supplier", url=f"{told.url}/old", headers="key:1")
    told.http.patch("/api/Units(5)", json={"BaseRent": 782})
    told.http.patch("/api/Suppliers(5)", json={"ContactName": "Autre"})
    after = told.subscribe("Unit", url=f"{told.url}/new", headers="key:2")
    assert after["Uid"] != before["Uid"]
    assert after["Secret"] != before["Secret"]
    told.http.patch("/api/Units(5)", json={"BaseRent": 783})
    found = [(each.path, each.headers["key"], each.json()["Entity"]) for each in told.calls()]
    assert sorted(found) == [
        ("/hook/new", "2", "Unit"),
        ("/hook/new", "2", "Unit"),
        ("/hook/old", "1", "Supplier"),
    ]


def test_what_is_being_written_while_an_entity_moves_is_not_lost(told: Told) -> None:
    before = told.subscribe("Unit", url=f"{told.url}/old")
    with psycopg.connect(told.database) as writing:
        # As a writer does that saw the subscription of before.
        writing.execute(
            "INSERT INTO outbox (endpoint, position, stream) SELECT %s, position, stream"
            " FROM event WHERE category = 'Unit' ORDER BY position LIMIT 1",
            [before["Uid"]],
        )
        with ThreadPoolExecutor() as beside:
            moving = beside.submit(told.subscribe, "Unit", url=f"{told.url}/new")
            # It waits for the writer, though not for ever.
            assert wait([moving], timeout=MOST_WAIT_SECONDS / 4).not_done
            writing.commit()
            moving.result()
    assert [each.path for each in told.calls()] == ["/hook/new"]
    assert [each["Url"] for each in told.endpoints()] == [f"{told.url}/new"]


def test_an_address_without_entities_is_removed(told: Told) -> None:
    told.subscribe("Unit", url=f"{told.url}/old")
    told.subscribe("Unit", url=f"{told.url}/new")
    assert [each["Url"] for each in told.endpoints()] == [f"{told.url}/new"]
    told.http.post("/api/unsubscribe", json=["Unit", "Supplier"])
    assert told.endpoints() == []


def test_the_same_address_is_taken_again_without_a_new_secret(told: Told) -> None:
    first = told.subscribe("Unit", headers="A:1;B:2")
    again = told.subscribe("Supplier", headers="b:2;a:1")
    assert again["Uid"] == first["Uid"]
    assert "Secret" not in again
    assert again["Entities"] == ["Supplier", "Unit"]


def test_all_of_an_address_subscribed_with_other_headers_keep_their_secret(told: Told) -> None:
    first = told.subscribe("Unit", "Supplier", headers="token:old")
    again = told.subscribe("Unit", "Supplier", "Tenant", headers="token:new")
    assert (again["Uid"], "Secret" in again) == (first["Uid"], False)
    told.http.patch("/api/Units(6)", json={"BaseRent": 784})
    assert [each.headers["token"] for each in told.calls()] == ["new"]


def test_one_of_several_with_other_headers_gets_an_address_of_its_own(told: Told) -> None:
    first = told.subscribe("Unit", "Supplier", headers="route:all")
    again = told.subscribe("Unit", headers="route:units")
    assert again["Uid"] != first["Uid"]
    assert {tuple(each["Entities"]) for each in told.endpoints()} == {("Supplier",), ("Unit",)}


def test_there_are_no_more_addresses_than_entities(told: Told) -> None:
    names = list(ENTITIES)
    for nth in range(len(names)):
        told.subscribe(names[nth], url=f"{told.url}/{nth}")
    assert len(told.endpoints()) == len(names) < MOST_OF_ONE_OWNER


def test_every_entity_is_listed_in_the_api_pages(told: Told) -> None:
    document = told.http.get("/openapi.json").json()
    shown = document["paths"]["/api/subscribe"]["post"]["description"]
    assert f"Available: {', '.join(ENTITIES)}." in shown
