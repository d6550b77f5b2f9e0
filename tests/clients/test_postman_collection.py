"""The Postman collection as newman runs it, with what a person fills in."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.clients.conftest import Run, Server, fresh_server

from gerance.odata_service import INCIDENT_SETS, MODEL
from gerance.rentals.model.samples import SAMPLES

RENTALS = [each.set_name for each in MODEL.sets.values() if each.set_name not in INCIDENT_SETS]
PASSING = [each for each in SAMPLES.values() if not each.permanent]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    yield from fresh_server()


def newman(node: Run, server: Server, report: Path, password: str, *options: str) -> dict[str, Any]:
    """What newman tells of a run of the collection, as served, in the environment as served."""
    node(
        "node_modules/newman/bin/newman.js",
        *("run", f"{server.url}/postman/collection.json"),
        *("--environment", f"{server.url}/postman/environment.json"),
        *("--env-var", f"apiKey={server.api_key}"),
        *("--env-var", f"userName={server.user_name}"),
        *("--env-var", f"password={password}"),
        *options,
        *("--reporters", "json", "--reporter-json-export", str(report)),
    )
    told: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    return told


def failures(told: dict[str, Any]) -> list[tuple[str, str]]:
    """The requests whose tests failed, and what they were answered."""
    answers = {
        each["item"]["id"]: bytes(each["response"]["stream"]["data"]).decode()
        for each in told["run"]["executions"]
        if "response" in each
    }
    return [
        (each["source"]["name"], answers.get(each["source"]["id"], each["error"]["message"]))
        for each in told["run"]["failures"]
    ]


def counts(server: Server) -> dict[str, int]:
    """How many entities the sets of the rentals have."""
    return {name: int(server.get(f"/api/{name}/$count")) for name in RENTALS}


def answered(told: dict[str, Any], method: str) -> list[int]:
    """The statuses of the answers to requests of a method."""
    return [
        each["response"]["code"]
        for each in told["run"]["executions"]
        if "response" in each and each["request"]["method"] == method
    ]


def test_every_request_is_answered_as_its_tests_say(
    node: Run, server: Server, tmp_path: Path
) -> None:
    before = counts(server)
    told = newman(node, server, tmp_path / "report.json", server.password)
    assert failures(told) == []
    sets = json.loads(server.get("/api/"))["value"]
    assert len(sets) == len(MODEL.sets)
    folders = {each["name"] for each in told["collection"]["item"]}
    assert folders >= {"Start here", *(each["name"] for each in sets)}
    # At least: the token, the sets, the model, and of each set three lists or numbers and one.
    assert told["run"]["stats"]["requests"]["total"] >= 3 + 4 * len(sets)
    # What was created was changed and deleted again; what could not be deleted was not created.
    assert answered(told, "POST").count(201) == len(PASSING)
    assert answered(told, "POST").count(400) == len(SAMPLES)
    assert answered(told, "PATCH") == answered(told, "DELETE") == [204] * len(PASSING)
    assert counts(server) == before


def test_the_folders_of_the_incidents_and_of_the_partners_run(
    node: Run, server: Server, tmp_path: Path
) -> None:
    collection = json.loads(server.get("/postman/collection.json"))
    sets = {each["name"] for each in json.loads(server.get("/api/"))["value"]}
    names = [each["name"] for each in collection["item"] if each["name"] not in sets]
    options = [word for name in names for word in ("--folder", name)]
    for name, value in (
        ("login", "super@demo.gerance.example"),
        ("loginPassword", "demo-super-2026"),
        ("partnerToken", server.partner),
    ):
        options += ["--env-var", f"{name}={value}"]
    told = newman(node, server, tmp_path / "report.json", server.password, *options)
    assert failures(told) == []
    paths = {
        "/" + "/".join(each["request"]["url"]["path"])
        for each in told["run"]["executions"]
        if "response" in each
    }
    for start in ("/api/v1/tickets", "/api/vEvent/tickets", "/api/Webhooks", "/v1/customers"):
        assert any(path.startswith(start) for path in paths), start


@pytest.mark.parametrize("folder", ["Invoices", "Transactions"])
def test_what_stays_is_created_when_one_says_so(
    folder: str, node: Run, server: Server, tmp_path: Path
) -> None:
    before = counts(server)[folder]
    options = ("--folder", folder, "--env-var", "writeForGood=yes")
    told = newman(node, server, tmp_path / "report.json", server.password, *options)
    assert failures(told) == []
    assert counts(server)[folder] == before + 1


@pytest.mark.parametrize("folder", ["Start here", "Buildings"])
def test_a_wrong_password_stops_the_run(
    folder: str, node: Run, server: Server, tmp_path: Path
) -> None:
    """It does not lock the key by guessing on."""
    report = tmp_path / "report.json"
    told = newman(node, server, report, "not the password", "--folder", folder)
    assert {each["response"]["code"] for each in told["run"]["executions"]} == {401}
    assert told["run"]["stats"]["requests"]["total"] <= 2
