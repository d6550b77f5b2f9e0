"""What an integrator does with its addresses: below /api/Webhooks."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from standardwebhooks import Webhook
from tests.living import on
from tests.receiving import Received
from tests.rentals.conftest import estate, rentals_template
from tests.rentals.notifications.telling import Told, telling
from tests.rentals.office import PASSWORD

from gerance.kernel.identity.integrators import add_integrator
from gerance.kernel.identity.scope import Scope
from gerance.kernel.webhooks.operator_queries import bring_to_state

__all__ = ["estate", "rentals_template"]


@pytest.fixture(scope="module")
def told(estate: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    with telling(estate, tmp_path_factory.mktemp("home")) as told:
        told.http.headers |= told.integrator("crm")
        yield told


@pytest.fixture
def address(told: Told) -> dict[str, Any]:
    """What subscribing to suppliers at the receiver answered; nothing else is subscribed to."""
    told.forget()
    told.receiver.answer = lambda received: 204
    return told.subscribe("Supplier")


NAMES = (f"Nom {nth}" for nth in range(1000))


def change(told: Told, supplier: int = 1) -> int:
    """Change a supplier; the position of the event."""
    answer = told.http.patch(f"/api/Suppliers({supplier})", json={"ContactName": next(NAMES)})
    assert answer.status_code == 204
    return int(answer.headers["gerance-position"])


def ask(told: Told, method: str, address: dict[str, Any], path: str = "", **more: Any) -> Any:
    """What one of the address's routes answers."""
    answer = told.http.request(method, f"/api/Webhooks/{address['Uid']}{path}", **more)
    assert answer.status_code in (200, 204), answer.text
    return answer.json() if answer.content else None


def verified(secret: str, call: Received) -> Any:
    """The message, if the signature is right: as receivers do it with a library of theirs."""
    return Webhook(secret).verify(call.body, call.headers)


def test_an_address_is_shown_with_how_it_fares(told: Told, address: dict[str, Any]) -> None:
    (shown,) = told.endpoints()
    assert shown.pop("Created").endswith("Z")
    assert shown == {
        "Uid": address["Uid"], "Url": told.url, "Headers": [], "Entities": ["Supplier"],
        "Rate": None, "State": "active", "Reason": None, "Healthy": True, "FailingSince": None,
        "Waiting": 0, "Failing": 0, "Dead": 0,
    }  # fmt: skip
    told.receiver.answer = lambda received: 500
    change(told)
    told.calls()
    shown = ask(told, "GET", address)
    assert (shown["Healthy"], shown["Waiting"], shown["Failing"]) == (False, 1, 1)
    assert shown["FailingSince"].endswith("Z")


def test_calls_are_signed_and_the_secret_rotates_without_a_gap(
    told: Told, address: dict[str, Any]
) -> None:
    change(told)
    (call,) = told.calls()
    assert verified(address["Secret"], call)["Entity"] == "Supplier"
    new = ask(told, "POST", address, "/Rotate", json={"overlapSeconds": 60})
    assert new["OverlapSeconds"] == 60
    change(told)
    (call,) = told.calls()
    for secret in (address["Secret"], new["Secret"]):
        assert verified(secret, call)["Status"] == 1
    ask(told, "POST", address, "/Rotate", json={"OverlapSeconds": 0})
    change(told)
    (call,) = told.calls()
    assert len(call.headers["webhook-signature"].split()) == 1


def test_a_call_carries_an_id_and_the_position(told: Told, address: dict[str, Any]) -> None:
    position = change(told)
    (call,) = told.calls()
    assert call.headers["webhook-id"] == f"evt_{position}"
    assert call.headers["gerance-position"] == str(position)


def test_what_happens_is_kept_while_it_is_paused(told: Told, address: dict[str, Any]) -> None:
    assert ask(told, "PATCH", address, json={"State": "paused"})["State"] == "paused"
    change(told)
    assert told.calls() == []
    assert ask(told, "GET", address)["Waiting"] == 1
    assert ask(told, "PATCH", address, json={"state": "active"})["State"] == "active"
    assert len(told.calls()) == 1


def test_its_url_headers_and_rate_are_changed(told: Told, address: dict[str, Any]) -> None:
    body = {"Url": f"{told.url}/v2", "Headers": {"X-Key": "k"}, "Rate": 50}
    shown = ask(told, "PATCH", address, json=body)
    assert (shown["Url"], shown["Headers"], shown["Rate"]) == (f"{told.url}/v2", ["X-Key"], 50)
    change(told)
    (call,) = told.calls()
    assert (call.path, call.headers["x-key"]) == ("/hook/v2", "k")
    assert ask(told, "PATCH", address, json={"Rate": None})["Rate"] is None


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("", {"State": "off"}, "BadRequest"),
        ("", {"Stat": "paused"}, "BadRequest"),
        ("", {"Url": "http://10.0.0.1/"}, "TargetRefused"),
        ("", {"Headers": {"Host": "x"}}, "BadRequest"),
        ("", {"Rate": 0}, "BadRequest"),
        ("/Rotate", {"OverlapSeconds": 9_999_999}, "BadRequest"),
        ("/Replay", {}, "BadRequest"),
        ("/Replay", {"Failed": True, "Position": 1}, "BadRequest"),
        ("/Replay", {"Since": "yesterday"}, "BadRequest"),
        ("/GiveUp", {"Position": 0}, "BadRequest"),
    ],
)
def test_what_does_not_fit_is_refused(
    path: str, body: Any, code: str, told: Told, address: dict[str, Any]
) -> None:
    method = "POST" if path else "PATCH"
    answer = told.http.request(method, f"/api/Webhooks/{address['Uid']}{path}", json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)


def test_a_ping_calls_at_once_and_says_what_came(told: Told, address: dict[str, Any]) -> None:
    answer = ask(told, "POST", address, "/Ping")
    (call,) = told.receiver.received
    assert verified(address["Secret"], call)["Entity"] == "Ping"
    assert (answer["Delivered"], answer["Status"], answer["Failure"]) == (True, 204, None)
    told.receiver.answer = lambda received: 503
    answer = ask(told, "POST", address, "/Ping")
    assert (answer["Delivered"], answer["Status"], answer["Failure"]) == (False, 503, "status")
    logged = told.http.get("/api/Webhooks/Deliveries").json()["Deliveries"]
    assert [(each["Position"], each["Status"]) for each in logged] == [(None, 503), (None, 204)]


def test_the_log_is_filtered_and_paged(told: Told, address: dict[str, Any]) -> None:
    for _ in range(3):
        change(told)
        told.calls()
    told.receiver.answer = lambda received: 500
    change(told)
    told.calls()

    def page(**asked: Any) -> Any:
        answer = told.http.get("/api/Webhooks/Deliveries", params=asked)
        assert answer.status_code == 200, answer.text
        return answer.json()

    assert [each["Outcome"] for each in page(outcome="failed")["Deliveries"]] == ["failed"]
    first = page(limit=3, endpoint=address["Uid"])
    rest = page(limit=3, endpoint=address["Uid"], before=first["Before"])
    assert (len(first["Deliveries"]), len(rest["Deliveries"]), rest["Before"]) == (3, 1, None)
    assert page(endpoint=str(uuid4()))["Deliveries"] == []


@pytest.mark.parametrize(
    "asked", [{"outcome": "lost"}, {"endpoint": "x"}, {"limit": "1001"}, {"before": "-1"}]
)
def test_a_filter_that_is_none_is_named(asked: dict[str, str], told: Told) -> None:
    answer = told.http.get("/api/Webhooks/Deliveries", params=asked)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"].startswith(next(iter(asked)))


def test_events_are_told_again(told: Told, address: dict[str, Any]) -> None:
    one, two = change(told), change(told, 2)
    assert len(told.calls()) == 2
    assert ask(told, "POST", address, "/Replay", json={"Position": one}) == {"Replayed": 1}
    assert [each.headers["webhook-id"] for each in told.calls()] == [f"evt_{one}"]
    since = told.http.get("/api/Webhooks/Deliveries").json()["Deliveries"][-1]["At"]
    told.receiver.answer = lambda received: 500
    change(told, 3)
    told.calls()
    told.receiver.answer = lambda received: 204
    assert ask(told, "POST", address, "/Replay", json={"Failed": True}) == {"Replayed": 1}
    assert [each.json()["Id"] for each in told.calls()] == [3]
    with psycopg.connect(told.database) as connection:
        ((since,),) = connection.execute(
            "SELECT to_char(sent_date, 'YYYY-MM-DD\"T\"HH24:MI:SS.MSOF:00') FROM event"
            " WHERE position = %s",
            [two],
        ).fetchall()
    assert ask(told, "POST", address, "/Replay", json={"Since": since}) == {"Replayed": 2}
    assert [each.json()["Id"] for each in told.calls()] == [2, 3]


def test_an_event_that_it_was_never_told_of_is_not_there(
    told: Told, address: dict[str, Any]
) -> None:
    for path in ("/Replay", "/GiveUp"):
        answer = told.http.post(
            f"/api/Webhooks/{address['Uid']}{path}", json={"Position": 9_999_999}
        )
        assert answer.status_code == 404


def test_giving_one_up_lets_those_behind_it_through(told: Told, address: dict[str, Any]) -> None:
    told.receiver.answer = lambda received: 500
    stuck = change(told)
    behind = change(told)
    assert [each.headers["webhook-id"] for each in told.calls()] == [f"evt_{stuck}"]
    told.receiver.answer = lambda received: 204
    ask(told, "POST", address, "/GiveUp", json={"Position": stuck})
    assert [each.headers["webhook-id"] for each in told.calls()] == [f"evt_{behind}"]


def test_who_is_switched_off_is_told_with_the_token_and_comes_back(
    told: Told, address: dict[str, Any]
) -> None:
    key = on(
        told.database,
        lambda connection: add_integrator(
            connection, user_name="gone", password=PASSWORD, scope=Scope()
        ),
    )

    def token() -> Any:
        body = {"UserName": "gone", "Password": PASSWORD}
        return told.http.post("/api/Token", headers={"x-api-key": key}, json=body)

    first = token()
    assert "gerance-notice" not in first.headers
    of = {"Authorization": f"Bearer {first.json()['token']}"}
    told.subscribe("Building", of=of)
    told.receiver.answer = lambda received: 410
    told.http.patch("/api/Buildings(2)", json={"ManagerName": next(NAMES)})
    assert len(told.calls()) == 1
    host = told.url.split("/")[2]
    notice = f"Webhooks are switched off: {host} (it answered 410). See GET /api/Webhooks."
    assert token().headers["gerance-notice"] == notice
    assert told.http.get("/api/subscribe", headers=of).headers["gerance-notice"] == notice
    (shown,) = told.endpoints(headers=of)
    assert (shown["State"], shown["Reason"]) == ("off", "gone")
    assert "gerance-notice" not in told.http.get("/api/subscribe").headers
    told.subscribe("Building", of=of)
    assert told.endpoints(headers=of)[0]["State"] == "active"
    assert "gerance-notice" not in token().headers


def test_what_an_operator_switched_off_stays_off_for_its_owner(
    told: Told, address: dict[str, Any]
) -> None:
    path = f"/api/Webhooks/{address['Uid']}"
    on(told.database, lambda connection: bring_to_state(connection, address["Uid"], "off"))
    body = {"ResponseUrl": told.url, "ResponseHeaders": None, "Entities": ["Supplier", "Unit"]}
    for answer in (
        told.http.patch(path, json={"State": "active", "Rate": 5}),
        told.http.post("/api/subscribe", json=body),
    ):
        assert answer.status_code == 409
        assert answer.json()["error"]["code"] == "SwitchedOffByOperator"
    shown = told.http.get(path).json()
    assert (shown["State"], shown["Rate"], shown["Entities"]) == ("off", None, ["Supplier"])
    on(told.database, lambda connection: bring_to_state(connection, address["Uid"], "active"))
    assert told.http.get(path).json()["State"] == "active"


def test_what_fails_holds_up_no_other_entity_with_its_id(
    told: Told, address: dict[str, Any]
) -> None:
    told.subscribe("Building")
    told.receiver.answer = lambda call: 500 if call.json()["Entity"] == "Building" else 204
    told.http.patch("/api/Buildings(3)", json={"ManagerName": next(NAMES)})
    change(told, 3)
    change(told, 3)
    assert [each.json()["Entity"] for each in told.calls()] == ["Building", "Supplier", "Supplier"]
    told.receiver.answer = lambda call: 204
    assert ask(told, "POST", address, "/Replay", json={"Failed": True}) == {"Replayed": 1}
    assert [each.json()["Entity"] for each in told.calls()] == ["Building"]
