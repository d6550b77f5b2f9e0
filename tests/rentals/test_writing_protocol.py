"""Writes as the OData standard has them: whole entities, conditions, references, dry runs."""

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from starlette.testclient import TestClient
from tests.living import running
from tests.rentals.conftest import estate, rentals_template
from tests.rentals.test_writing import SUPPLIER, error, integrator

from gerance.kernel.identity.scope import Scope
from gerance.rentals.model.samples import SAMPLES

__all__ = ["estate", "rentals_template"]

DRY = {"Prefer": "handling=dry-run"}


@pytest.fixture(scope="module")
def http(estate: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with running(estate, tmp_path_factory.mktemp("home")) as client:
        client.headers |= integrator(client, estate, "crm", Scope(incidents=True))
        yield client


def count(http: TestClient, name: str) -> int:
    return int(http.get(f"/api/{name}/$count").text)


def created(http: TestClient, code: str, **more: Any) -> dict[str, Any]:
    body = {"ServiceCode": code, "Name": "Chauffage", "DefaultAmount": 10, **more}
    answer = http.post("/api/Services", json=body)
    assert answer.status_code == 201, answer.text
    service: dict[str, Any] = answer.json()
    return service


# Whole entities


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_a_whole_entity_is_sent_back(http: TestClient, method: str) -> None:
    """Read-only values and the key are ignored (OData 4.01, 11.4.3)."""
    place = f"/api/Services({created(http, f'W{method}')['Id']})"
    whole = {**http.get(place).json(), "Name": "Chauffage central", "Id": 99_999}
    assert http.request(method, place, json=whole).status_code == 204
    assert http.get(place).json()["Name"] == "Chauffage central"
    type_ = http.get("/api/HousingTypes?$top=1").json()["value"][0]
    answer = http.patch(
        f"/api/HousingTypes('{type_['Code'].strip()}')", json={**type_, "Code": "?"}
    )
    assert answer.status_code == 204, answer.text


def test_a_new_entity_may_have_values_that_the_server_sets(http: TestClient) -> None:
    service = created(http, "WHOLE", Id=77_777, ModifiedAt="2020-01-01T00:00:00Z")
    assert service["Id"] != 77_777
    assert not service["ModifiedAt"].startswith("2020")


@pytest.mark.parametrize("name", ["@odata.type", "@type"])
def test_the_type_of_an_entity_is_checked(http: TestClient, name: str) -> None:
    body = {"Name": "Typed"}
    place = f"/api/Services({created(http, f'T{len(name)}')['Id']})"
    assert http.patch(place, json={name: "#Gerance.Service", **body}).status_code == 204
    url = "http://testserver/api/$metadata#Gerance.Service"
    assert http.patch(place, json={name: url, **body}).status_code == 204
    answer = http.patch(place, json={name: "#Gerance.Building", **body})
    assert error(answer) == ("WrongType", "@odata.type")


def test_a_new_invoice_is_answered_with_its_lines(http: TestClient) -> None:
    body = {**SAMPLES["Invoice"].create, "InvoiceNo": "DEEP-1"}
    answer = http.post("/api/Invoices", json=body)
    assert answer.status_code == 201, answer.text
    assert [each["LineNo"] for each in answer.json()["InvoiceDetails"]] == [1, 2]
    own = http.post("/api/Invoices?$select=Id", json={**body, "InvoiceNo": "DEEP-2"}).json()
    assert {name for name in own if "@" not in name} == {"Id", "InvoiceDetails"}
    quiet = http.post(
        "/api/Invoices",
        json={**body, "InvoiceNo": "DEEP-3"},
        headers={"Prefer": "return=minimal"},
    )
    assert (quiet.status_code, quiet.content) == (204, b"")


def test_a_change_that_selects_is_answered_with_the_entity(http: TestClient) -> None:
    place = f"/api/Services({created(http, 'SEL')['Id']})"
    answer = http.patch(f"{place}?$select=Name", json={"Name": "Answered"})
    assert answer.status_code == 200
    assert answer.json()["Name"] == "Answered"
    assert "DefaultAmount" not in answer.json()
    quiet = http.patch(
        f"{place}?$select=Name", json={"Name": "Quiet"}, headers={"Prefer": "return=minimal"}
    )
    assert quiet.status_code == 204


def test_an_answer_without_a_body_needs_no_accepted_type(http: TestClient) -> None:
    place = f"/api/Services({created(http, 'ACC')['Id']})"
    text = {"Accept": "text/plain"}
    assert http.patch(place, json={"Name": "Any"}, headers=text).status_code == 204
    refused = http.post("/api/Services", json={"ServiceCode": "ACC2", "Name": "x"}, headers=text)
    assert error(refused, 406)[0] == "NotAcceptable"
    assert http.get("/api/Services/$count?$filter=ServiceCode eq 'ACC2'").text == "0"


# Conditions


@pytest.mark.parametrize("method", ["PATCH", "PUT", "DELETE"])
def test_if_none_match_keeps_what_is_there(http: TestClient, method: str) -> None:
    service = created(http, f"N{method}")
    place = f"/api/Services({service['Id']})"
    body = None if method == "DELETE" else {"ServiceCode": f"N{method}", "Name": "Overwritten"}
    own = http.get(place).headers["etag"]
    for condition in ("*", own, own.removeprefix("W/"), f'"no", {own}'):
        answer = http.request(method, place, json=body, headers={"If-None-Match": condition})
        assert error(answer, 412)[0] == "PreconditionFailed", condition
    assert http.get(place).json()["Name"] == "Chauffage"
    both = {"If-None-Match": 'W/"999"', "If-Match": own}
    assert http.request(method, place, json=body, headers=both).status_code == 204


# References


@pytest.mark.parametrize(
    "reference",
    [
        {"Service@odata.bind": "Services(ServiceCode='CHAUF')"},
        {"Service@bind": "/api/Services(ServiceCode='CHAUF')"},
        {"Service": {"@odata.id": "http://testserver/api/Services(ServiceCode='CHAUF')"}},
        {"Service": {"@id": "Services(ServiceCode='CHAUF')"}},
        {"Service": {"@id": "Services({id})"}},
    ],
)
def test_an_entity_is_linked_by_its_codes(http: TestClient, reference: dict[str, Any]) -> None:
    chauf = http.get("/api/Services(ServiceCode='CHAUF')").json()["Id"]
    ((name, value),) = reference.items()
    if isinstance(value, dict):
        value = {key: text.replace("{id}", str(chauf)) for key, text in value.items()}
    body = {"TenantId": 1, "Amount": 5, "StartDate": "2027-01-01", name: value}
    answer = http.post("/api/TenantServices", json=body)
    assert answer.status_code == 201, answer.text
    assert answer.json()["ServiceId"] == chauf
    place = f"/api/TenantServices({answer.json()['Id']})"
    link = {"@id": "Services(ServiceCode='CHAUF')"}
    assert http.put(f"{place}/Service/$ref", json=link).status_code == 204


def test_references_that_lead_nowhere_are_rejected(http: TestClient) -> None:
    body = {"TenantId": 1, "Amount": 5, "StartDate": "2027-01-01"}
    for reference in ("Services(ServiceCode='NONE')", "Services(Name='x')", "Services(1)/x", 7):
        answer = http.post("/api/TenantServices", json={**body, "Service@odata.bind": reference})
        assert error(answer)[0] in ("BadReference", "RequiredProperty"), reference


def test_a_key_must_not_contradict_a_link(http: TestClient) -> None:
    body = {"TenantId": 1, "Amount": 5, "StartDate": "2027-01-01"}
    link = {"Service@odata.bind": "Services(1)"}
    answer = http.post("/api/TenantServices", json={**body, "ServiceId": 2, **link})
    assert error(answer) == ("ContradictoryLink", "ServiceId")
    twice = http.post(
        "/api/TenantServices", json={**body, **link, "Service": {"@id": "Services(2)"}}
    )
    assert error(twice) == ("ContradictoryLink", "ServiceId")
    parent = http.post("/api/Tenants(1)/TenantServices", json={
        **body, **link, "Tenant@odata.bind": "Tenants(2)"
    })  # fmt: skip
    assert error(parent) == ("ContradictoryLink", "TenantId")
    same = http.post("/api/TenantServices", json={**body, **link, "ServiceId": 1})
    assert same.status_code == 201, same.text
    unset = {"SupplierId": None, "Supplier@odata.bind": "Suppliers(1)"}
    assert http.patch("/api/ServiceCalls(1)", json=unset).status_code == 204
    assert http.get("/api/ServiceCalls(1)").json()["SupplierId"] == 1


def test_parts_of_the_standard_that_are_missing_say_so(http: TestClient) -> None:
    assert error(http.post("/api/$batch", json={"requests": []}), 501)[0] == "NotImplemented"


# Dry runs


def test_a_new_entity_is_tried_and_not_stored(http: TestClient) -> None:
    before, position = count(http, "Services"), http.get("/api/Services").headers["etag"]
    body = {"ServiceCode": "DRY", "Name": "Tried", "DefaultAmount": 3}
    for _ in range(2):
        answer = http.post("/api/Services", json=body, headers={**DRY, "Idempotency-Key": "dry"})
        assert (answer.status_code, answer.json()["Name"]) == (200, "Tried")
        assert answer.headers["preference-applied"] == "handling=dry-run"
        assert not {"location", "gerance-position", "etag"} & set(answer.headers)
    assert count(http, "Services") == before
    assert http.get("/api/Services").headers["etag"] == position
    assert http.post("/api/Services", json=body).status_code == 201
    again = http.post("/api/Services", json=body, headers=DRY)
    assert error(again)[0] == "ServiceCodeTaken"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "", {"Name": "Changed"}),
        ("PUT", "", {"ServiceCode": "KEEP", "Name": "Replaced"}),
        ("PUT", "/Name", {"value": "Renamed"}),
        ("DELETE", "/DefaultAmount", None),
        ("DELETE", "", None),
    ],
)
def test_a_change_is_tried_and_not_stored(
    http: TestClient, method: str, path: str, body: dict[str, Any] | None
) -> None:
    answer = http.get("/api/Services(ServiceCode='KEEP')")
    place = (
        f"/api/Services({(answer.json() if answer.is_success else created(http, 'KEEP'))['Id']})"
    )
    before = http.get(place)
    tried = http.request(method, place + path, json=body, headers=DRY)
    assert (tried.status_code, tried.content) == (204, b"")
    assert tried.headers["preference-applied"] == "handling=dry-run"
    both = {"Prefer": "return=representation, handling=dry-run"}
    if method != "DELETE":
        shown = http.request(method, place + path, json=body, headers=both)
        assert shown.status_code == 200
        assert shown.json()["Name"] in (body or {}).values()
        assert shown.headers["preference-applied"] == "return=representation, handling=dry-run"
    after = http.get(place)
    assert (after.json(), after.headers["etag"]) == (before.json(), before.headers["etag"])


def test_a_link_is_tried_and_not_stored(http: TestClient) -> None:
    rented = http.get("/api/TenantServices?$top=1").json()["value"][0]
    place = f"/api/TenantServices({rented['Id']})"
    other = next(
        each["Id"]
        for each in http.get("/api/Services").json()["value"]
        if each["Id"] != rented["ServiceId"]
    )
    reference = {"@odata.id": f"Services({other})"}
    answer = http.put(f"{place}/Service/$ref", json=reference, headers=DRY)
    assert answer.status_code == 204, answer.text
    assert http.get(place).json()["ServiceId"] == rented["ServiceId"]


def test_every_text_is_sorted_without_accents_and_case(http: TestClient) -> None:
    for code in ("ZZED", "ZZÉC", "ZZeb", "ZZÈA"):
        created(http, code)
    query = "$filter=startswith(ServiceCode,'ZZ')&$orderby=ServiceCode&$select=ServiceCode"
    page = http.get(f"/api/Services?{query}", headers={"Prefer": "maxpagesize=3"}).json()
    rest = http.get(page["@odata.nextLink"]).json()
    codes = [each["ServiceCode"] for each in page["value"] + rest["value"]]
    assert codes == ["ZZÈA", "ZZeb", "ZZÉC", "ZZED"]


@pytest.mark.parametrize("number", ["9" * 400, "-" + "9" * 400, "1e400"])
def test_a_number_that_no_double_holds_is_rejected(http: TestClient, number: str) -> None:
    answer = http.patch(
        "/api/Buildings(1)",
        content=f'{{"Latitude": {number}}}',
        headers={"Content-Type": "application/json"},
    )
    assert error(answer) == ("WrongType", "Latitude")


# Requests sent again


def test_the_same_key_twice_does_it_once(http: TestClient) -> None:
    body = {**SUPPLIER, "SupplierCode": "ONCE"}
    headers = {"Idempotency-Key": "6f1c"}
    first = http.post("/api/Suppliers", json=body, headers=headers)
    again = http.post("/api/Suppliers", json=body, headers=headers)
    assert first.status_code == again.status_code == 201
    assert again.content == first.content
    assert again.headers["location"] == first.headers["location"]
    other = http.post("/api/Suppliers", json={**body, "Name": "Autre"}, headers=headers)
    assert error(other, 422)[0] == "IdempotencyKeyReused"


@pytest.mark.parametrize("preferred", ["minimal", "representation"])
def test_the_same_key_has_the_first_answer_whatever_happened_since(
    http: TestClient, preferred: str
) -> None:
    body = {**SUPPLIER, "SupplierCode": preferred[:3]}
    headers = {"Idempotency-Key": f"since-{preferred}", "Prefer": f"return={preferred}"}
    first = http.post("/api/Suppliers", json=body, headers=headers)
    assert http.delete(first.headers["location"]).is_success
    again = http.post("/api/Suppliers", json=body, headers=headers)
    assert (again.status_code, again.content) == (first.status_code, first.content)
    for name in ("location", "etag", "gerance-position", "preference-applied"):
        assert again.headers[name] == first.headers[name]


def test_the_same_key_at_once_does_it_once(http: TestClient) -> None:
    async def both() -> list[httpx2.Response]:
        transport = httpx2.ASGITransport(app=http.app)
        headers = {"Idempotency-Key": "at-once", "Authorization": http.headers["Authorization"]}
        async with httpx2.AsyncClient(transport=transport, base_url="http://testserver") as client:
            body = {**SUPPLIER, "SupplierCode": "TWICE"}
            posts = [client.post("/api/Suppliers", json=body, headers=headers) for _ in range(5)]
            return await asyncio.gather(*posts)

    assert http.portal is not None
    answers = http.portal.call(both)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["Id"] for answer in answers}) == 1


def test_a_refused_request_leaves_its_key_free(http: TestClient) -> None:
    headers = {"Idempotency-Key": "refused-first"}
    assert http.post("/api/Suppliers", json={}, headers=headers).status_code == 400
    body = {**SUPPLIER, "SupplierCode": "FREE"}
    assert http.post("/api/Suppliers", json=body, headers=headers).status_code == 201
