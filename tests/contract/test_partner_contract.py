"""The partner API takes and answers what the contract says, route by route, name by name."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from starlette.testclient import TestClient
from tests.partners.calling import Partner, accepted, add, described, refused, serving

from gerance.app import endpoints

TEXT = (Path(__file__).parent / "partners.yaml").read_text(encoding="utf-8")
CONTRACT: dict[str, Any] = yaml.safe_load(TEXT)
PARAMETERS = {name.rstrip("*"): name.endswith("*") for name in CONTRACT["parameters"]}
FORM = next(line for line in TEXT.splitlines() if "POST /users" in line)
BY_CALL = ("/v1/leads", "/v1/customers")
VALUES = {
    "campaign_code": "ETE", "firstname": "Thierry", "client_title": "Maître",
    "company_name": "Lhermitte SA", "siret": "732 829 320 00074", "phone_number2": "0612345678",
    "address1": "1 rue du Bac", "address2": "Escalier B", "other_info": "Rappeler\nle soir",
}  # fmt: skip


@pytest.fixture(scope="module")
def http(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with serving(database, Path(tmp_path_factory.mktemp("home"))) as client:
        yield client


@pytest.fixture(scope="module")
def partner(database: str, http: TestClient) -> Partner:
    return Partner(http, "FOUSSIER", add(database, "FOUSSIER", "Foussier"))


def routes() -> set[tuple[str, str]]:
    """The method and path of each route that the contract names."""
    text = " ".join(map(str, CONTRACT["routes"]))
    return set(re.findall(r"(GET|POST) (/[\w/{}-]+)", text))


def test_there_is_each_route_of_the_contract() -> None:
    served = {(each.method, each.path) for each in endpoints()}
    assert len(routes()) >= 7
    assert routes() <= served


@pytest.mark.parametrize("path", BY_CALL)
@pytest.mark.parametrize("name", sorted(PARAMETERS))
def test_what_is_mandatory_is_missed_and_nothing_else(
    partner: Partner, path: str, name: str
) -> None:
    body = {**described(client_id=f"without {name}"), **VALUES}
    del body[name]
    answer = partner.post(path, body)
    if PARAMETERS[name]:
        assert refused(answer) == f"{name} : paramètre obligatoire absent"
    else:
        assert set(accepted(answer)) == {"response", "text", "redirect_to"}


@pytest.mark.parametrize("path", BY_CALL)
def test_every_parameter_is_told_again(partner: Partner, path: str) -> None:
    client_id = path.replace("/", "-")
    sent = {**described(client_id=client_id), **VALUES}
    assert set(sent) == set(PARAMETERS)
    accepted(partner.post(path, sent))
    told = partner.told(client_id)["customer"]
    changed = {
        "phone_number1": "+33199001234", "phone_number2": "+33612345678", "country": "FR",
        "siret": "73282932000074",
    }  # fmt: skip
    own = {"partner_code", "partner"}
    expected = {name: changed.get(name, sent[name]) for name in sent if name not in own}
    assert {name: told[name] for name in expected} == expected
    assert told["source"] == sent["partner"]
    webhook = set(CONTRACT["webhook"]["parameters"]) - {"event_type"}
    assert webhook <= set(told)


def test_the_older_form_misses_what_the_contract_says_is_mandatory(partner: Partner) -> None:
    mandatory = set(re.findall(r"(\w+)\*", FORM)) - {"cell", "phone_number"}
    for name in mandatory:
        form = {
            "firstname": "T", "lastname": "L", "email": "t@l.example", "cell": "0612345678",
            "code_partner": "FOUSSIER",
        }  # fmt: skip
        del form[name]
        answer = partner.http.post("/users", data=form, headers=partner.headers())
        assert answer.status_code == 400
        assert answer.json() == {
            "response_code": 1, "response_text": f"{name} : paramètre obligatoire absent",
        }  # fmt: skip
    assert mandatory == {"firstname", "lastname", "email", "code_partner"}
