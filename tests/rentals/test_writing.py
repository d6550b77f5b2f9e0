"""Writing through the rental API: methods, bodies, preconditions, repeated requests, rights."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from starlette.testclient import TestClient
from tests.living import on, running
from tests.rentals.conftest import estate, rentals_template

from gerance.kernel.identity.integrators import add_integrator
from gerance.kernel.identity.scope import Scope

__all__ = ["estate", "rentals_template"]

SUPPLIER = {"SupplierCode": "NORDET", "Name": "Plomberie Nordet", "PaymentTermsDays": 45}


def integrator(http: TestClient, database: str, user_name: str, scope: Scope) -> dict[str, str]:
    """The headers of a new integrator's requests."""
    key = on(
        database,
        lambda connection: add_integrator(
            connection, user_name=user_name, password="a long password", scope=scope
        ),
    )
    body = {"UserName": user_name, "Password": "a long password"}
    answer = http.post("/api/Token", headers={"x-api-key": key}, json=body)
    return {"Authorization": f"Bearer {answer.json()['token']}"}


@pytest.fixture(scope="module")
def http(estate: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with running(estate, tmp_path_factory.mktemp("home")) as client:
        client.headers |= integrator(client, estate, "crm", Scope(incidents=True))
        yield client


@pytest.fixture(scope="module")
def supplier(http: TestClient) -> dict[str, Any]:
    """A supplier of this module's own."""
    answer = http.post("/api/Suppliers", json=SUPPLIER)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def error(answer: Any, status: int = 400) -> tuple[str, str | None]:
    """Code and target of a refusal."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("application/json")
    return answer.json()["error"]["code"], answer.json()["error"].get("target")


def test_a_new_entity_is_answered_with_its_address(
    http: TestClient, supplier: dict[str, Any]
) -> None:
    answer = http.post("/api/Suppliers", json={**SUPPLIER, "SupplierCode": "SUD"})
    assert answer.status_code == 201
    created = answer.json()
    assert created["Name"] == "Plomberie Nordet"
    assert created["Active"] is True
    assert answer.headers["location"].endswith(f"/api/Suppliers({created['Id']})")
    assert int(answer.headers["gerance-position"]) > 0
    read = http.get(answer.headers["location"])
    assert {name: read.json()[name] for name in created if "@" not in name} == {
        name: value for name, value in created.items() if "@" not in name
    }
    assert read.headers["etag"] == answer.headers["etag"]


def test_a_change_is_answered_with_nothing_or_the_entity(
    http: TestClient, supplier: dict[str, Any]
) -> None:
    place = f"/api/Suppliers({supplier['Id']})"
    silent = http.patch(place, json={"Trade": "Plomberie"})
    assert (silent.status_code, silent.content) == (204, b"")
    assert silent.headers["odata-entityid"].endswith(place)
    told = http.patch(
        place, json={"trade": "Chauffage"}, headers={"Prefer": "return=representation"}
    )
    assert (told.status_code, told.json()["Trade"]) == (200, "Chauffage")
    assert told.headers["preference-applied"] == "return=representation"
    assert http.get(place).json()["Trade"] == "Chauffage"


def test_a_change_that_changes_nothing_has_no_event(
    http: TestClient, supplier: dict[str, Any]
) -> None:
    place = f"/api/Suppliers({supplier['Id']})"
    before = http.get(place).headers["etag"]
    answer = http.patch(place, json={"Name": supplier["Name"]})
    assert "gerance-position" not in answer.headers
    assert http.get(place).headers["etag"] == before


def test_put_sets_back_what_is_not_given(http: TestClient) -> None:
    created = http.post("/api/Suppliers", json={**SUPPLIER, "SupplierCode": "PUT", "City": "Lévis"})
    place = created.headers["location"]
    whole = {**http.get(place).json(), "Name": "Nordet et fils"}
    del whole["City"]
    assert http.put(place, json=whole).status_code == 204
    after = http.get(place).json()
    assert (after["Name"], after["City"]) == ("Nordet et fils", None)


def test_one_property_is_written_by_itself(http: TestClient, supplier: dict[str, Any]) -> None:
    place = f"/api/Suppliers({supplier['Id']})/City"
    assert http.put(place, json={"value": "Québec"}).status_code == 204
    assert http.get(place).json()["value"] == "Québec"
    assert http.delete(place).status_code == 204
    assert http.get(place).status_code == 204


@pytest.mark.parametrize("name", ["Id", "ModifiedAt"])
def test_what_the_server_gives_is_not_written_by_itself(
    http: TestClient, supplier: dict[str, Any], name: str
) -> None:
    place = f"/api/Suppliers({supplier['Id']})/{name}"
    assert error(http.put(place, json={"value": 99})) == ("ReadOnlyProperty", name)
    assert error(http.delete(place)) == ("ReadOnlyProperty", name)


def test_a_deleted_entity_is_gone(http: TestClient) -> None:
    place = http.post("/api/Suppliers", json={**SUPPLIER, "SupplierCode": "GONE"}).headers[
        "location"
    ]
    deleted = http.delete(place)
    assert deleted.status_code == 204
    assert int(deleted.headers["gerance-position"]) > 0
    assert http.get(place).status_code == 404
    assert http.delete(place).status_code == 404


def test_what_others_refer_to_stays(http: TestClient) -> None:
    refused = http.delete("/api/Buildings(1)")
    assert error(refused, 409)[0] == "InUse"
    assert "At least one unit refers to this entity" in refused.json()["error"]["message"]
    assert http.get("/api/Buildings(1)").status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("PATCH", "/api/Invoices(1)", "GET, HEAD, OPTIONS"),
        ("DELETE", "/api/Transactions(1)", "GET, HEAD, OPTIONS"),
        ("POST", "/api/InvoiceDetails", "GET, HEAD, OPTIONS"),
        ("POST", "/api/Tickets", "GET, HEAD, OPTIONS"),
        ("PATCH", "/api/Suppliers", "GET, HEAD, OPTIONS, POST"),
    ],
)
def test_what_cannot_be_written_says_what_can(
    http: TestClient, method: str, path: str, allow: str
) -> None:
    answer = http.request(method, path, json={})
    assert error(answer, 405)[0] == "MethodNotAllowed"
    assert answer.headers["allow"] == allow
    assert http.options(path).headers["allow"] == allow


def test_everything_wrong_with_a_body_is_said_at_once(http: TestClient) -> None:
    body = {
        "Nam": "x",
        "SupplierCode": "A CODE TOO LONG",
        "PaymentTermsDays": "30",
        "Id": 7,
        "ModifiedAt": "2026-01-01T00:00:00Z",
        "Active": None,
    }
    answer = http.post("/api/Suppliers", json=body)
    assert answer.status_code == 400
    details = answer.json()["error"]["details"]
    assert {(each["code"], each["target"]) for each in details} == {
        ("UnknownProperty", "Nam"),
        ("TooLong", "SupplierCode"),
        ("WrongType", "PaymentTermsDays"),
        ("NullNotAllowed", "Active"),
        ("RequiredProperty", "Name"),
    }
    assert "did you mean Name?" in details[0]["message"]


UNKNOWN = {f"U{nth}": 0 for nth in range(20_000)}
WRONG_LINE = {"AccountNo": "5500", "UnitPrice": "x", "Quantity": "x"}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("Tenants", UNKNOWN),
        ("Invoices", {"InvoiceDetails": [WRONG_LINE] * 1000}),
        ("Invoices", {"InvoiceDetails": [dict(list(UNKNOWN.items())[:20])] * 900}),
    ],
    ids=["members", "lines", "members of lines"],
)
def test_thousands_of_mistakes_are_answered_with_twenty(
    http: TestClient, path: str, body: Any
) -> None:
    answer = http.post(f"/api/{path}", json=body)
    assert answer.status_code == 400
    assert len(answer.json()["error"]["details"]) == 20
    assert len(answer.content) < 10_000


def test_a_body_has_a_bounded_number_of_members(http: TestClient) -> None:
    line = {f"U{nth}": 0 for nth in range(40)}
    answer = http.post("/api/Invoices", json={"InvoiceDetails": [line] * 900})
    assert answer.status_code == 400
    assert "over 25000 members" in answer.json()["error"]["message"]


def test_an_object_has_a_bounded_number_of_members(http: TestClient) -> None:
    body = {f"Name@odata.x{nth}": nth for nth in range(501)}
    assert error(http.post("/api/Suppliers", json=body)) == ("LimitExceeded", None)
    spelled = {spell("provinceandstate", nth): "x" for nth in range(2_000)}
    assert len(http.post("/api/Suppliers", json=spelled).content) < 10_000


def spell(name: str, nth: int) -> str:
    """The name with capitals where the number has ones."""
    return "".join(c.upper() if nth >> place & 1 else c for place, c in enumerate(name))


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (1.005, "OutOfPrecision"),
        (99999999999, "OutOfPrecision"),
        ("x", "WrongType"),
        (True, "WrongType"),
    ],
)
def test_amounts_are_exact(http: TestClient, value: Any, code: str) -> None:
    answer = http.patch("/api/Services(1)", json={"DefaultAmount": value})
    assert error(answer) == (code, "DefaultAmount")


@pytest.mark.parametrize("number", ["1e9999999", "-1e9999999", "1e-9999999", "2147483648", "7.5"])
def test_a_number_is_not_written_out_to_see_that_it_is_too_large(
    http: TestClient, supplier: dict[str, Any], number: str
) -> None:
    answer = http.patch(
        f"/api/Suppliers({supplier['Id']})",
        content=f'{{"PaymentTermsDays": {number}}}',
        headers={"Content-Type": "application/json"},
    )
    assert error(answer) == ("WrongType", "PaymentTermsDays")


@pytest.mark.parametrize(
    ("number", "amount", "latitude"),
    [
        ("1e9999999", "OutOfPrecision", "WrongType"),
        ("1e-9999999", "OutOfPrecision", None),
        ("1.00000000000000000000000000000000000001", "OutOfPrecision", None),
        ("1e999999999999999999999", "BadRequest", "BadRequest"),
        ("0e9999999", None, None),
        ("10.5000000000000000000000000000000000000", None, None),
    ],
)
def test_numbers_beyond_all_bounds_are_refused(
    http: TestClient, number: str, amount: str | None, latitude: str | None
) -> None:
    headers = {"Content-Type": "application/json"}
    for place, name, code in (
        ("Services(1)", "DefaultAmount", amount), ("Buildings(1)", "Latitude", latitude),
    ):  # fmt: skip
        answer = http.patch(f"/api/{place}", content=f'{{"{name}": {number}}}', headers=headers)
        if code is None:
            assert answer.status_code == 204, answer.text
        else:
            assert error(answer)[0] == code


def test_a_wrong_value_is_shown_as_it_was_sent(http: TestClient, supplier: dict[str, Any]) -> None:
    place = f"/api/Suppliers({supplier['Id']})"
    answer = http.patch(place, json={"PaymentTermsDays": [1.5, None, True, "é"]})
    assert answer.json()["error"]["message"] == (
        'PaymentTermsDays must be Int32 (got [1.5,null,true,"é"]).'
        " Give a value of the type in `$metadata`."
    )


def test_what_follows_from_numbers_has_no_more_digits_than_they_may(
    http: TestClient, supplier: dict[str, Any]
) -> None:
    most = 9999999999.99
    line = {"AccountNo": "5100", "UnitPrice": most}
    invoice = {
        "CompanyNo": 3, "DivisionNo": 1, "SupplierId": supplier["Id"], "InvoiceNo": "F-MUCH",
        "InvoiceDate": "2026-11-02",
    }  # fmt: skip
    for lines in ([{**line, "Quantity": 2}], [line, line]):
        answer = http.post("/api/Invoices", json={**invoice, "InvoiceDetails": lines})
        assert error(answer) == ("OutOfPrecision", None)
    payment = {"TenantId": 1, "TransactionDate": "2026-11-02", "Kind": "P", "Amount": -most}
    answers = [http.post("/api/Transactions", json=payment) for _ in range(2)]
    assert error(answers[-1]) == ("OutOfPrecision", None)


@pytest.mark.parametrize("name", ["", "   ", "\t"])
def test_a_required_text_is_not_blank(
    http: TestClient, supplier: dict[str, Any], name: str
) -> None:
    created = http.post("/api/Suppliers", json={**SUPPLIER, "SupplierCode": "B", "Name": name})
    assert error(created) == ("RequiredProperty", "Name")
    changed = http.patch(f"/api/Suppliers({supplier['Id']})", json={"Name": name})
    assert error(changed) == ("RequiredProperty", "Name")


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{", b'"x"', b"\xff", b'{"a":' * 50_000],
    ids=["nothing", "list", "cut short", "text", "no utf-8", "deep"],
)
def test_a_body_that_is_no_object_is_refused(http: TestClient, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    answer = http.post("/api/Suppliers", content=body, headers=headers)
    assert error(answer)[0] == "BadRequest"


def test_an_invoice_comes_with_its_lines(http: TestClient, supplier: dict[str, Any]) -> None:
    body = {
        "CompanyNo": 3,
        "DivisionNo": 1,
        "SupplierId": supplier["Id"],
        "InvoiceNo": "F-1001",
        "InvoiceDate": "2026-11-02",
        "TaxAmount": 22.46,
        "InvoiceDetails": [
            {"AccountNo": "5100", "Description": "Main-d'œuvre", "Quantity": 2, "UnitPrice": 50},
            {"AccountNo": "5200", "Description": "Pièces", "UnitPrice": 49.99},
        ],
    }
    answer = http.post("/api/Invoices?$expand=InvoiceDetails", json=body)
    assert answer.status_code == 201, answer.text
    invoice = answer.json()
    assert (invoice["Subtotal"], invoice["Total"], invoice["DueDate"]) == (
        149.99, 172.45, "2026-12-17",
    )  # fmt: skip
    assert [(each["LineNo"], each["Amount"]) for each in invoice["InvoiceDetails"]] == [
        (1, 100.0), (2, 49.99),
    ]  # fmt: skip
    del body["InvoiceDetails"][1]["UnitPrice"]  # type: ignore[attr-defined]
    refused = http.post("/api/Invoices", json={**body, "InvoiceNo": "F-1002"})
    assert error(refused) == ("RequiredProperty", "InvoiceDetails[1]/UnitPrice")
    assert http.get("/api/Invoices/$count?$filter=InvoiceNo eq 'F-1002'").text == "0"


def test_an_entity_is_posted_to_those_of_another(http: TestClient) -> None:
    answer = http.post(
        "/api/Tenants(1)/LeasePriceChanges", json={"EffectiveDate": "2027-05-01", "Rent": 1300}
    )
    assert (answer.status_code, answer.json()["TenantId"]) == (201, 1)
    step = {"tenantId": 2, "EffectiveDate": "2027-06-01", "Rent": 1310}
    elsewhere = http.post("/api/Tenants(1)/LeasePriceChanges", json=step)
    assert error(elsewhere) == ("PropertyFixed", "TenantId")
    assert http.post("/api/Tenants(2)/LeasePriceChanges", json=step).status_code == 201


def test_a_building_is_linked_with_a_patrimony_and_unlinked(http: TestClient, estate: str) -> None:
    uid = "74aa4bf3-8fde-4985-b16e-e3ba2788868f"
    link = "/api/Buildings(1)/Patrimony/$ref"
    unknown = http.put(link, json={"@odata.id": f"Patrimonies({uid})"})
    assert error(unknown) == ("BadReference", "Patrimony")
    with psycopg.connect(estate) as connection:
        row = [uid, uuid4()]
        connection.execute("INSERT INTO patrimony VALUES (%s, %s, '{}', 'P-1', NULL)", row)
    assert http.put(link, json={"@odata.id": f"Patrimonies({uid})"}).status_code == 204
    wrong = http.put(link, json={"@odata.id": "Units(1)"})
    assert error(wrong)[0] == "BadReference"
    assert http.delete(link).status_code == 204
    bound = {"Patrimony@odata.bind": f"http://testserver/api/Patrimonies({uid})"}
    assert http.patch("/api/Buildings(1)", json=bound).status_code == 204


def test_a_link_that_follows_from_codes_is_not_for_clients_to_say(http: TestClient) -> None:
    answer = http.put("/api/Units(1)/Building/$ref", json={"@odata.id": "Buildings(2)"})
    assert error(answer) == ("ReadOnlyProperty", "Building")


def test_a_document_gets_its_content(http: TestClient) -> None:
    body = {"TenantId": 1, "Kind": "A", "Title": "Avis de retard"}
    place = http.post("/api/Documents", json=body).headers["location"]
    content = b"\x89PNG of anything"
    put = http.put(f"{place}/$value", content=content, headers={"Content-Type": "image/png"})
    assert put.status_code == 204
    read = http.get(f"{place}/$value")
    assert (read.content, read.headers["content-type"]) == (content, "image/png")
    assert http.get(place).json()["Size"] == len(content)


@pytest.mark.parametrize(
    ("query", "headers", "status"),
    [
        ("?$select=Nam", {}, 400),
        ("?$filter=Id eq 1", {}, 400),
        ("", {"Accept": "application/xml"}, 406),
    ],
)
def test_what_cannot_be_answered_is_not_written(
    query: str, headers: dict[str, str], status: int, http: TestClient
) -> None:
    body = {**SUPPLIER, "SupplierCode": "UNSAID"}
    answer = http.post(f"/api/Suppliers{query}", json=body, headers=headers)
    assert answer.status_code == status, answer.text
    assert http.get("/api/Suppliers/$count?$filter=SupplierCode eq 'UNSAID'").text == "0"


def test_if_match_keeps_from_writing_over_others(
    http: TestClient, supplier: dict[str, Any]
) -> None:
    place = f"/api/Suppliers({supplier['Id']})"
    tag = http.get(place).headers["etag"]
    assert http.patch(place, json={"Phone": "418 555-0101"}, headers={"If-Match": tag}).is_success
    late = http.patch(place, json={"Phone": "418 555-0102"}, headers={"If-Match": tag})
    assert error(late, 412)[0] == "PreconditionFailed"
    assert error(http.delete(place, headers={"If-Match": 'W/"0"'}), 412)[0] == "PreconditionFailed"
    assert http.patch(place, json={"Phone": None}, headers={"If-Match": "*"}).is_success


def test_if_match_takes_the_tag_of_an_entity_with_others_expanded(
    http: TestClient, supplier: dict[str, Any]
) -> None:
    place = f"/api/Suppliers({supplier['Id']})"
    tag = http.get(f"{place}?$expand=Invoices").headers["etag"]
    assert http.get(f"{place}?$expand=Invoices", headers={"If-None-Match": tag}).status_code == 304
    assert http.get(f"{place}?$expand=Invoices($top=1)").headers["etag"] != tag
    assert http.patch(place, json={"City": "Beauport"}, headers={"If-Match": tag}).is_success
    late = http.patch(place, json={"City": "Lévis"}, headers={"If-Match": tag})
    assert error(late, 412)[0] == "PreconditionFailed"


def test_where_it_is_asked_for_a_change_without_if_match_is_428(
    estate: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with running(estate, tmp_path_factory.mktemp("home"), odata_if_match=True) as strict:
        strict.headers |= integrator(strict, estate, "strict", Scope())
        answer = strict.patch("/api/Services(1)", json={"Name": "Chauffage"})
        assert error(answer, 428)[0] == "PreconditionRequired"
        tag = strict.get("/api/Services(1)").headers["etag"]
        named = strict.patch(
            "/api/Services(1)", json={"Name": "Chauffage"}, headers={"If-Match": tag}
        )
        assert named.status_code == 204


def test_a_key_for_reading_writes_nothing(http: TestClient, estate: str) -> None:
    headers = integrator(http, estate, "reader", Scope(read_only=True))
    assert error(http.post("/api/Suppliers", json=SUPPLIER, headers=headers), 403)[0] == "Forbidden"


def test_a_key_writes_only_where_it_reads(http: TestClient, estate: str) -> None:
    places = ({"company_no": 4, "division_no": 1},)
    headers = integrator(http, estate, "levis", Scope(places=places))
    here = http.patch("/api/Buildings(1)", json={"Phone": "418 555-0103"}, headers=headers)
    assert here.status_code == 204
    there = http.patch("/api/Buildings(628)", json={"Phone": "418 555-0103"}, headers=headers)
    assert error(there, 404)[0] == "NotFound"
    tenant = {"TenantId": 1, "ServiceId": 1, "Amount": 10, "StartDate": "2026-12-01"}
    assert http.post("/api/TenantServices", json=tenant, headers=headers).status_code in (400, 403)
    building = {
        "CompanyNo": 3, "DivisionNo": 1, "BuildingCode": "AILLEURS", "Name": "Ailleurs",
        "CivicNoAndStreet": "1 rue", "City": "Québec",
    }  # fmt: skip
    refused = http.post("/api/Buildings", json=building, headers=headers)
    assert refused.status_code in (400, 403)


def test_a_list_shows_what_was_written_at_once(http: TestClient) -> None:
    question = "/api/Suppliers?$filter=startswith(SupplierCode,'FRESH')&$select=SupplierCode"
    for number in range(3):
        http.post("/api/Suppliers", json={**SUPPLIER, "SupplierCode": f"FRESH{number}"})
        assert len(http.get(question).json()["value"]) == number + 1
