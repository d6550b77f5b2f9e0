"""The examples of the rental API's contract, each as written and percent-encoded."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import yaml
from starlette.testclient import TestClient
from tests.living import on, running
from tests.rentals.conftest import estate, rentals_template

from gerance.kernel.identity.integrators import add_integrator
from gerance.kernel.identity.scope import Scope

__all__ = ["estate", "rentals_template"]

CONTRACT = yaml.safe_load(Path(__file__).with_name("rentals.yaml").read_text(encoding="utf-8"))
EXAMPLES = [re.match(r"GET (/api/.*)", each)[1] for each in CONTRACT["from_reference"]["examples"]]  # type: ignore[index]


@pytest.fixture(scope="module")
def integrator(estate: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A client with a token, got in the two steps of the reference (Q3)."""
    key = on(
        estate,
        lambda connection: add_integrator(
            connection, user_name="crm", password="a long password", scope=Scope()
        ),
    )
    with running(estate, tmp_path_factory.mktemp("home")) as http:
        body = {"Password": "a long password", "UserName": "crm"}
        answer = http.post("/api/Token", headers={"x-api-key": key}, json=body)
        http.headers["Authorization"] = f"Bearer {answer.json()['token']}"
        yield http


def ask(integrator: TestClient, example: str) -> Any:
    """The entities, without their control information, which the reference's clients ignore."""
    answer = integrator.get(example)
    assert answer.status_code == 200, answer.text
    body = answer.json(object_hook=_without_control)
    assert body["@odata.context"].partition("#")[2]
    return body["value"]


def _without_control(entity: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in entity.items() if name != "@odata.etag"}


@pytest.mark.parametrize("example", EXAMPLES)
def test_each_example_answers_as_written_and_encoded(integrator: TestClient, example: str) -> None:
    path, mark, query = example.partition("?")
    written = integrator.get(example)
    encoded = integrator.get(path + mark + quote(query, safe="=&"))
    assert written.status_code == (403 if "FinancialStatements" in example else 200), written.text
    assert encoded.content == written.content
    if written.status_code == 200:
        assert written.json()["value"]


def test_buildings_with_the_properties_of_the_reference(integrator: TestClient) -> None:
    assert ask(integrator, EXAMPLES[0])[:2] == [
        {
            "Id": 1,
            "CompanyNo": 4,
            "DivisionNo": 1,
            "BuildingCode": "1067CHEVRE",
            "Name": "Maison de repos du Chevreau",
        },
        {
            "Id": 2,
            "CompanyNo": 4,
            "DivisionNo": 1,
            "BuildingCode": "IBERVILLE5",
            "Name": "Iberville 51566",
        },
    ]


def test_the_units_of_a_building_whose_code_has_a_blank(integrator: TestClient) -> None:
    units = ask(integrator, EXAMPLES[1])
    first = {name: units[0][name] for name in list(units[0])[:7]}
    assert first == {
        "CompanyNo": 3,
        "DivisionNo": 1,
        "BuildingCode": "1000PINS ",
        "UnitCode": " ",
        "OccupancyStatus": first["OccupancyStatus"],
        "HousingType": None,
        "NumberOfRooms": 4.5,
    }
    assert {unit["BuildingCode"] for unit in units} == {"1000PINS "}
    assert integrator.get(EXAMPLES[1]).text.count('"NumberOfRooms":4.5') > 1


def test_buildings_in_the_order_of_the_reference(integrator: TestClient) -> None:
    buildings = ask(integrator, EXAMPLES[2])
    assert list(buildings[0])[1:7] == [
        "CompanyNo", "DivisionNo", "BuildingCode", "Name", "CivicNoAndStreet", "City",
    ]  # fmt: skip
    assert list(buildings[0].values())[1:7] == [
        1, 1, "100LAURIER", "100 laurier", "100 boul laurier", "quebec",
    ]  # fmt: skip
    places = [(each["CompanyNo"], each["DivisionNo"]) for each in buildings]
    assert places == sorted(places)


def test_the_first_ten_tenants(integrator: TestClient) -> None:
    tenants = ask(integrator, EXAMPLES[3])
    assert len(tenants) == 10
    assert list(tenants[0].values())[:8] == [3, 1, "D", 1.0, "1067CHEVRE", "1", "cyr", "Guy"]
    assert '"TenantNo":1.0,' in integrator.get(EXAMPLES[3]).text


def test_buildings_with_their_units(integrator: TestClient) -> None:
    first = ask(integrator, EXAMPLES[4])[0]
    assert list(first)[:2] == ["Units", "Id"]
    assert first["Id"] == 1
    assert first["City"] == "Lévis"
    assert len(first["Units"]) == first["NumberOfUnits"]


def test_the_combined_question(integrator: TestClient) -> None:
    found = {each["Id"]: each for each in ask(integrator, EXAMPLES[5])}
    codes = [each["BuildingCode"] for each in found.values()]
    assert codes == sorted(codes)
    assert found[628] == {
        "Units": [],
        "CompanyNo": 3,
        "DivisionNo": 1,
        "BuildingCode": "1000CHENES",
        "Id": 628,
    }
    units = [unit for each in found.values() for unit in each["Units"]]
    assert {"Id": 2909, "UnitCode": " 775", "NumberOfRooms": 4.5} in units
    assert {"Id": 1448, "UnitCode": " 1", "NumberOfRooms": 5.5} in units


def test_units_for_rent_in_both_forms(integrator: TestClient) -> None:
    query = ask(integrator, "/api/Units/ForRent?from=2026-12-01&to=2027-01-31")
    call = ask(integrator, "/api/Units/ForRent(from=2026-12-01,to=2027-01-31)")
    assert query == call
    assert all("2026-12-01" <= each["AvailableFrom"] <= "2027-01-31" for each in query)


def test_no_metadata_leave_the_bare_value(integrator: TestClient) -> None:
    answer = integrator.get(EXAMPLES[3], headers={"Accept": "application/json;odata.metadata=none"})
    assert list(answer.json()) == ["value"]
