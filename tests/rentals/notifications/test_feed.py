"""Integrators that cannot be called pull the same messages instead."""

from collections.abc import Iterator
from typing import Any

import pytest
from tests.living import on
from tests.rentals.conftest import estate, rentals_template
from tests.rentals.notifications.telling import Told, information, telling
from tests.rentals.test_samples import example

from gerance.kernel.identity.integrators import disable_integrator
from gerance.kernel.identity.scope import Scope

__all__ = ["estate", "rentals_template"]

ELSEWHERE = Scope(places=({"company_no": 4},))


@pytest.fixture(scope="module")
def told(estate: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    with telling(estate, tmp_path_factory.mktemp("home")) as told:
        told.http.headers |= told.integrator("crm")
        yield told


def page(told: Told, of: dict[str, str] | None = None, **query: str) -> Any:
    answer = told.http.get("/api/v1/events", params=query, headers=of)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_changes_are_pulled_as_endpoints_are_told_of_them(told: Told) -> None:
    told.forget()
    told.subscribe("TenantParking")
    after = page(told, after="end")["next"]
    created = told.http.post("/api/TenantParkings", json=example("TenantParking", "ToCreate"))
    assert created.status_code == 201, created.text
    told.http.delete(created.headers["location"])
    events = page(told, after=after, categories="TenantParking")["events"]
    assert [each["event"] for each in events] == told.messages()
    assert [each["event"]["Status"] for each in events] == [3, 2]
    assert set(information(events[0]["event"])) == {"tenantId", "parkingId"}
    assert page(told, after=events[-1]["cursor"])["events"] == []


def test_nobody_pulls_what_it_may_not_read(told: Told) -> None:
    elsewhere = told.integrator("elsewhere", ELSEWHERE)
    after = page(told, after="end")["next"]
    created = told.http.post("/api/TenantParkings", json=example("TenantParking", "ToCreate"))
    told.http.delete(created.headers["location"])
    assert [each["category"] for each in page(told, after=after)["events"]][-1] == "TenantParking"
    assert page(told, of=elsewhere, after=after)["events"] == []


def test_what_is_wrong_is_named(told: Told) -> None:
    for query, message in (
        (
            {"agencies": "3b9cfae8-5a4c-4c1c-8c3a-0a3a1a4ff2c5"},
            "agencies: rentals have no agencies",
        ),
        ({"categories": "ticket"}, "categories: there is no 'ticket'"),
        ({"types": "TicketOpened"}, "types: there is no 'TicketOpened'"),
    ):
        answer = told.http.get("/api/v1/events", params=query)
        assert answer.status_code == 400
        assert message in answer.json()["message"]


def test_a_disabled_integrator_hears_nothing_more(told: Told) -> None:
    leaving = told.integrator("leaving")
    assert "events" in page(told, of=leaving)
    on(told.database, lambda connection: disable_integrator(connection, "leaving"))
    for path in ("/api/v1/events", "/api/v1/events/stream"):
        assert told.http.get(path, headers=leaving).status_code == 401
