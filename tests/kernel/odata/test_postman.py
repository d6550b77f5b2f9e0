"""The Postman collection of a model, and its environment."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from tests.kernel.odata.catalogue import CATALOGUE

from gerance.kernel.odata.describe.postman import postman_routes
from gerance.kernel.odata.write_annotations import Sample, WriteAnnotations

WRITE_ANNOTATIONS = WriteAnnotations(
    samples={
        "Product": Sample(create={"Name": "Hammer", "Code": "H1"}, change={"Price": 13}),
        "Category": Sample(create={"Name": "Tools"}, permanent=True),
    }
)


@pytest.fixture(scope="module")
def http() -> TestClient:
    routes = postman_routes(
        CATALOGUE, title="Catalogue", root="/odata", annotations=WRITE_ANNOTATIONS
    )
    app = Starlette(routes=routes)
    return TestClient(app, base_url="https://shop.example:8443")


@pytest.fixture(scope="module")
def collection(http: TestClient) -> dict[str, Any]:
    return dict(http.get("/postman/collection.json").json())


def requests(item: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for each in item["item"]:
        if "request" in each:
            yield each
        else:
            yield from requests(each)


def test_the_environment_names_the_server_and_holds_no_secret(http: TestClient) -> None:
    values = http.get("/postman/environment.json").json()["values"]
    assert {each["key"]: each["value"] for each in values} == {
        "baseUrl": "https://shop.example:8443",
        "apiKey": "",
        "userName": "",
        "password": "",
        "writeForGood": "",
    }
    assert [each["key"] for each in values if each["type"] == "secret"] == ["apiKey", "password"]


def test_both_are_files_to_import(http: TestClient) -> None:
    for kind in ("collection", "environment"):
        answer = http.get(f"/postman/{kind}.json")
        assert answer.headers["content-disposition"].endswith(f'"postman_{kind}.json"')


def test_each_set_has_a_folder(collection: dict[str, Any]) -> None:
    assert collection["info"]["schema"].endswith("/v2.1.0/collection.json")
    folders = [each["name"] for each in collection["item"]]
    assert folders == ["Start here", "Products", "Categories", "People", "Trips"]
    names = [each["name"] for each in collection["item"][1]["item"]]
    assert names == [
        "Some columns of Products",
        "One of Products",
        "Products, filtered and sorted",
        "Products with what belongs to them",
        "How many Products",
        "Products: Released",
        "What a new one of Products must have",
        "Create one of Products",
        "Change what was created",
        "Delete what was created",
    ]


def test_urls_are_whole_and_taken_apart_alike(collection: dict[str, Any]) -> None:
    for each in requests(collection):
        url = each["request"]["url"]
        query = "&".join(f"{pair['key']}={pair['value']}" for pair in url.get("query", []))
        built = "/".join([*url["host"], *url["path"]]) + (f"?{query}" if query else "")
        assert built == url["raw"]
        assert url["raw"].startswith("{{baseUrl}}/odata/")


def test_keys_come_from_what_was_listed_before(collection: dict[str, Any]) -> None:
    raws = [each["request"]["url"]["raw"] for each in requests(collection)]
    assert "{{baseUrl}}/odata/People('{{Person_UserName}}')" in raws
    assert (
        "{{baseUrl}}/odata/Trips(PersonName='{{Trip_PersonName}}',TripNo={{Trip_TripNo}})" in raws
    )


def test_every_request_tests_its_answer(collection: dict[str, Any]) -> None:
    for each in requests(collection):
        tests = [event for event in each["event"] if event["listen"] == "test"]
        assert "The status is 2" in json.dumps(tests) or "The status is 400" in json.dumps(tests)


def test_the_token_is_fetched_by_the_key(collection: dict[str, Any]) -> None:
    (script,) = [event["script"]["exec"] for event in collection["event"]]
    assert any("{{baseUrl}}/odata/Token" in line for line in script)
    assert any("x-api-key" in line for line in script)
    assert collection["auth"]["bearer"][0]["value"] == "{{token}}"


def test_what_is_created_is_changed_and_deleted_by_its_new_key(collection: dict[str, Any]) -> None:
    sent = [each["request"] for each in requests(collection["item"][1])][-3:]
    assert [each["method"] for each in sent] == ["POST", "PATCH", "DELETE"]
    assert json.loads(sent[0]["body"]["raw"]) == {"Name": "Hammer", "Code": "H1"}
    one = "{{baseUrl}}/odata/Products({{New_Product_Id}})"
    assert [each["url"]["raw"] for each in sent[1:]] == [one, one]
    assert all({"key": "If-Match", "value": "*"} in each["header"] for each in sent[1:])
    assert "New_Product_Id" in [each["key"] for each in collection["variable"]]


def test_what_would_stay_is_created_only_when_one_says_so(collection: dict[str, Any]) -> None:
    refused, created = list(requests(collection["item"][2]))[-2:]
    assert json.loads(refused["request"]["body"]["raw"]) == {}
    assert "writeForGood" in created["request"]["description"]
    (before,) = [each for each in created["event"] if each["listen"] == "prerequest"]
    assert "skipRequest" in json.dumps(before)


def test_nothing_is_written_without_a_sample(collection: dict[str, Any]) -> None:
    assert {each["request"]["method"] for each in requests(collection["item"][3])} == {"GET"}
