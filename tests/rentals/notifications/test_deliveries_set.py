"""WebhookDeliveries: the log of calls through the query language, to each integrator its own."""

from collections.abc import Iterator
from typing import Any

import pytest
from tests.rentals.conftest import estate, rentals_template
from tests.rentals.notifications.telling import Told, telling

__all__ = ["estate", "rentals_template"]


@pytest.fixture(scope="module")
def told(estate: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    with telling(estate, tmp_path_factory.mktemp("home")) as told:
        told.http.headers |= told.integrator("crm")
        yield told


@pytest.fixture(scope="module")
def other(told: Told) -> dict[str, str]:
    """An integrator with the same rights."""
    return told.integrator("other")


@pytest.fixture(autouse=True)
def a_call_to_each(told: Told, other: dict[str, str]) -> None:
    told.forget()
    told.subscribe("Supplier", url=f"{told.url}/mine")
    told.subscribe("Supplier", url=f"{told.url}/theirs", of=other)
    told.http.patch("/api/Suppliers(1)", json={"ContactName": next(NAMES)})
    assert len(told.calls()) == 2


NAMES = (f"Nom {nth}" for nth in range(1000))


def read(told: Told, path: str, **more: Any) -> Any:
    answer = told.http.get(f"/api/{path}", **more)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize(
    "path", ["WebhookDeliveries", "webhookdeliveries", "%57ebhookDeliveries", "WebhookDeliveries/"]
)
def test_each_sees_its_own_calls_however_it_asks(
    path: str, told: Told, other: dict[str, str]
) -> None:
    """The same question by two with the same rights, whose answers are otherwise shared."""
    for headers, ending in (({}, "/mine"), (other, "/theirs"), ({}, "/mine")):
        (found,) = read(told, path, headers=headers)["value"]
        assert found["Url"].endswith(ending)


def test_a_call_is_shown_with_what_it_told_of(told: Told) -> None:
    (found,) = read(
        told, "WebhookDeliveries?$filter=Outcome eq 'delivered' and Entity eq 'Supplier'"
    )["value"]
    assert (found["EntityId"], found["HttpStatus"], found["Attempt"]) == (1, 204, 1)
    assert found["MessageId"] == f"evt_{found['Position']}"
    assert '"Entity":"Supplier"' in found["Request"]
    assert found["DurationMs"] > 0


def test_somebody_elses_call_is_not_there(told: Told, other: dict[str, str]) -> None:
    (theirs,) = read(told, "WebhookDeliveries", headers=other)["value"]
    place = f"/api/WebhookDeliveries({theirs['Id']})"
    assert told.http.get(place, headers=other).status_code == 200
    assert told.http.get(place).status_code == 404
    assert told.http.get("/api/WebhookDeliveries/$count").text == "1"


def test_calls_are_read_only(told: Told) -> None:
    (found,) = read(told, "WebhookDeliveries")["value"]
    assert told.http.delete(f"/api/WebhookDeliveries({found['Id']})").status_code == 405
