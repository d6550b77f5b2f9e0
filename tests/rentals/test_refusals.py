"""Every rule of the rentals as clients meet it: code, property and message of the refusal."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from tests.rentals.conftest import NOW
from tests.rentals.office import Office, opened_office
from tests.rentals.scene import CLOSED, FREE, LEASED, PLACE, TENANT, Scene, built, told
from tests.travelling import travelled

DIVISION = {"CompanyNo": 3, "DivisionNo": 1}
NOWHERE = {"CompanyNo": 3, "DivisionNo": 9}
HERE = {"BuildingCode": "SCENE", "UnitCode": FREE}
RENTAL = {
    "TenantId": "$tenant", "StartDate": "2026-12-01", "EndDate": "2027-06-30", "Amount": 60,
}  # fmt: skip
SERVICE = {"TenantId": "$tenant", "ServiceId": 1, "Amount": 20, "StartDate": "2026-12-01"}
STEP = {"TenantId": "$tenant", "EffectiveDate": "2027-08-01", "Rent": 950}
BUILDING = {**PLACE, "Name": "Scène", "CivicNoAndStreet": "2 rue", "City": "Québec"}
LINE = {"AccountNo": "5100", "UnitPrice": 10}
INVOICE = {
    **DIVISION, "SupplierId": "$supplier", "InvoiceNo": "F-2", "InvoiceDate": "2026-11-20",
    "InvoiceDetails": [LINE],
}  # fmt: skip
CALL = {**PLACE, "Subject": "Fuite"}
PAYMENT = {"TenantId": "$tenant", "TransactionDate": "2026-11-20", "Kind": "P", "Amount": -10}


class Case(NamedTuple):
    """A request, and its refusal; `message`: how it begins."""

    method: str
    path: str
    body: dict[str, Any] | None
    code: str
    target: str | None
    message: str


def post(sets: str, base: dict[str, Any], code: str, target: str, message: str, **more: Any) -> Any:
    return Case("POST", sets, {**base, **more}, code, target, message)


CASES = [
    # Codes that do not exist.
    post("Buildings", BUILDING, "UnknownDivision", "DivisionNo",
         "There is no company and division 3, 9.", **NOWHERE),
    post("Tenants", {**TENANT, "UnitId": "$free"}, "UnknownDivision", "DivisionNo",
         "There is no company and division 3, 9.", **NOWHERE),
    post("Units", {**PLACE, "UnitCode": "9"}, "UnknownBuilding", "BuildingCode",
         "There is no building with the company, division and code 3, 1, NONE.",
         BuildingCode="NONE"),
    post("Parkings", {**PLACE, "ParkingCode": "9"}, "UnknownBuilding", "BuildingCode",
         "There is no building", BuildingCode="NONE"),
    post("Storages", {**PLACE, "StorageCode": "9"}, "UnknownBuilding", "BuildingCode",
         "There is no building", BuildingCode="NONE"),
    post("ServiceCalls", CALL, "UnknownBuilding", "BuildingCode", "There is no building",
         BuildingCode="NONE"),
    post("Tenants", {**TENANT, **HERE}, "UnknownBuilding", "BuildingCode", "There is no building",
         BuildingCode="NONE"),
    post("Units", {**PLACE, "UnitCode": "9"}, "UnknownHousingType", "HousingType",
         "There is no housing type 99½.", HousingType="99½"),
    post("Tenants", TENANT, "UnknownUnit", "UnitId", "There is no unit 999999.", UnitId=999999),
    post("Tenants", {**TENANT, **HERE}, "UnknownUnit", "UnitCode",
         "There is no unit with the company, division, building and code 3, 1, SCENE, 999.",
         UnitCode="999"),
    post("UnavailableUnits", {"StartDate": "2026-12-01", "Reason": "Travaux"}, "UnknownUnit",
         "UnitId", "There is no unit 999999.", UnitId=999999),
    post("ServiceCalls", CALL, "UnknownUnit", "UnitId", "There is no unit 999999.", UnitId=999999),
    *(
        post(sets, {**base, **more}, "UnknownTenant", "TenantId", "There is no tenant 999999.",
             TenantId=999999)
        for sets, base, more in (
            ("LeasePriceChanges", STEP, {}),
            ("TenantServices", SERVICE, {}),
            ("TenantParkings", RENTAL, {"ParkingId": "$parking"}),
            ("TenantStorages", RENTAL, {"StorageId": "$storage"}),
            ("Transactions", PAYMENT, {}),
            ("Documents", {"Kind": "L", "Title": "Bail"}, {}),
            ("ServiceCalls", CALL, {}),
        )
    ),
    post("TenantParkings", RENTAL, "UnknownParking", "ParkingId", "There is no parking 999999.",
         ParkingId=999999),
    post("TenantStorages", RENTAL, "UnknownStorage", "StorageId", "There is no storage 999999.",
         StorageId=999999),
    post("TenantServices", SERVICE, "UnknownService", "ServiceId", "There is no service 999999.",
         ServiceId=999999),
    post("Invoices", INVOICE, "UnknownSupplier", "SupplierId", "There is no supplier 999999.",
         SupplierId=999999),
    post("ServiceCalls", CALL, "UnknownSupplier", "SupplierId", "There is no supplier 999999.",
         SupplierId=999999),
    post("ServiceCallDetails", {"Description": "Joint"}, "UnknownServiceCall", "ServiceCallId",
         "There is no service call 999999.", ServiceCallId=999999),
    # Leases.
    post("Tenants", {**TENANT, **HERE}, "LeaseEndBeforeStart", "LeaseEndDate",
         "LeaseEndDate 2026-11-30 is before LeaseStartDate 2026-12-01.",
         LeaseEndDate="2026-11-30"),
    post("Tenants", {**TENANT, **HERE}, "DepartureBeforeLease", "DepartureDate",
         "DepartureDate 2026-11-30 is before LeaseStartDate 2026-12-01.",
         DepartureDate="2026-11-30"),
    Case("PATCH", "Tenants($tenant)", {"DepartureDate": "2026-06-30"}, "DepartureBeforeLease",
         "DepartureDate", "DepartureDate 2026-06-30 is before LeaseStartDate 2026-07-01."),
    post("Tenants", TENANT, "UnitAlreadyLeased", "UnitId",
         "Unit $leased (SCENE 101) is leased to another tenant", UnitId="$leased",
         LeaseStartDate="2027-11-30"),
    post("Tenants", TENANT, "UnitAlreadyLeased", "UnitId", "Unit $leased (SCENE 101) is leased",
         BuildingCode="SCENE", UnitCode=LEASED, LeaseStartDate="2026-01-01",
         LeaseEndDate="2026-07-01"),
    post("Tenants", TENANT, "UnitRequired", "UnitId", "A tenant of type D (dwelling) needs a unit"),
    post("Tenants", TENANT, "UnitRequired", "UnitId",
         "A tenant of type C (commercial) needs a unit",
         TenantType="C", BuildingCode="SCENE"),
    post("Tenants", TENANT, "UnitInactive", "UnitId", "Unit SCENE 103 is inactive",
         UnitId="$closed"),
    post("Tenants", TENANT, "UnitInactive", "UnitId", "Unit SCENE 103 is inactive",
         BuildingCode="SCENE", UnitCode=CLOSED),
    post("Tenants", TENANT, "UnitMismatch", "UnitCode",
         "UnitCode '102' is not that of unit $leased, which is SCENE 101.",
         UnitId="$leased", **HERE),
    post("Tenants", TENANT, "UnitElsewhere", "UnitId", "Unit $far_unit ($far LOIN) is in division",
         UnitId="$far_unit"),
    post("Tenants", {**TENANT, **HERE}, "NegativeRent", "Rent",
         "Rent must not be negative (got -1).", Rent=-1),
    post("Tenants", {**TENANT, **HERE}, "InvalidEmail", "Email",
         "Email 'roy@' is not an e-mail address.", Email="roy@"),
    post("Tenants", {**TENANT, **HERE}, "InvalidPhone", "Phone",
         "Phone '555' is not a telephone number.", Phone="555"),
    post("Tenants", {**TENANT, **HERE}, "InvalidPhone", "MobilePhone",
         "MobilePhone 'none' is not a telephone number.", MobilePhone="none"),
    # Steps of the rent.
    post("LeasePriceChanges", STEP, "PriceChangeBeforeLease", "EffectiveDate",
         "EffectiveDate 2026-06-30 is before the lease starts on 2026-07-01.",
         EffectiveDate="2026-06-30"),
    post("LeasePriceChanges", STEP, "PriceChangeAfterDeparture", "EffectiveDate",
         "EffectiveDate 2027-06-01 is after the tenant's departure on 2027-05-31.",
         TenantId="$leaving", EffectiveDate="2027-06-01"),
    post("LeasePriceChanges", STEP, "PriceChangeTwice", "EffectiveDate",
         "Tenant $tenant already has a price change on 2027-07-01.", EffectiveDate="2027-07-01"),
    Case("PATCH", "LeasePriceChanges($applied)", {"Rent": 1}, "PriceChangeApplied", "AppliedAt",
         "The price change of"),
    Case("DELETE", "LeasePriceChanges($applied)", None, "PriceChangeApplied", "AppliedAt",
         "The price change of"),
    post("LeasePriceChanges", STEP, "NegativeRent", "Rent",
         "Rent must not be negative (got -0.01).", Rent=-0.01),
    # Parkings and storages.
    *(
        case
        for kind in ("Parking", "Storage")
        for case in (
            post(f"Tenant{kind}s", RENTAL, f"{kind}AlreadyRented", f"{kind}Id",
                 f"{kind} ${kind.lower()} is rented already on a day from 2026-12-01 on.",
                 **{f"{kind}Id": f"${kind.lower()}"}),
            post(f"Tenant{kind}s", RENTAL, f"{kind}Inactive", f"{kind}Id", f"{kind} '",
                 **{f"{kind}Id": f"$closed_{kind.lower()}"}),
            post(f"Tenant{kind}s", RENTAL, f"{kind}Elsewhere", f"{kind}Id",
                 f"{kind} '{kind[0].replace('S', 'R')}1' is in division 3-1, the tenant in 4-2.",
                 **{f"{kind}Id": f"${kind.lower()}", "TenantId": "$far_tenant"}),
            post(f"Tenant{kind}s", RENTAL, "EndBeforeStart", "EndDate",
                 "EndDate 2026-11-30 is before StartDate 2026-12-01.", EndDate="2026-11-30",
                 **{f"{kind}Id": f"${kind.lower()}"}),
            post(f"Tenant{kind}s", RENTAL, "NegativeRent", "Amount",
                 "Amount must not be negative (got -1).",
                 Amount=-1, **{f"{kind}Id": f"${kind.lower()}"}),
            post(f"{kind}s", {**PLACE, f"{kind}Code": "9"}, "NegativeRent", "Amount",
                 "Amount must not be negative (got -1).", Amount=-1),
        )
    ),
    # Other dates and numbers.
    post("UnavailableUnits", {"UnitId": "$free", "Reason": "Travaux"}, "EndBeforeStart", "EndDate",
         "EndDate 2026-11-30 is before StartDate 2026-12-01.", StartDate="2026-12-01",
         EndDate="2026-11-30"),
    post("TenantServices", SERVICE, "EndBeforeStart", "EndDate",
         "EndDate 2026-11-30 is before StartDate 2026-12-01.", EndDate="2026-11-30"),
    post("Units", {**PLACE, "UnitCode": "9"}, "NegativeArea", "Area",
         "Area must not be negative (got -3).",
         Area=-3),
    post("Storages", {**PLACE, "StorageCode": "9"}, "NegativeArea", "Area",
         "Area must not be negative (got -3).",
         Area=-3),
    post("Units", {**PLACE, "UnitCode": "9"}, "NegativeRent", "BaseRent",
         "BaseRent must not be negative (got -3).", BaseRent=-3),
    post("Units", {**PLACE, "UnitCode": "9"}, "NegativeNumber", "NumberOfRooms",
         "NumberOfRooms must not be negative (got -4.5).", NumberOfRooms=-4.5),
    post("ServiceCallDetails", {"ServiceCallId": "$call", "Description": "Joint"}, "NegativeHours",
         "Hours", "Hours must not be negative (got -0.5).", Hours=-0.5),
    Case("PATCH", "Suppliers($supplier)", {"PaymentTermsDays": -1}, "NegativeNumber",
         "PaymentTermsDays", "PaymentTermsDays must not be negative (got -1)."),
    Case("PATCH", "Buildings($building)", {"NumberOfFloors": -1}, "NegativeNumber",
         "NumberOfFloors", "NumberOfFloors must not be negative (got -1)."),
    Case("PATCH", "Buildings($building)", {"MunicipalEvaluation": -1}, "NegativeAmount",
         "MunicipalEvaluation", "MunicipalEvaluation must not be negative (got -1)."),
    Case("PATCH", "Buildings($building)", {"Latitude": 91}, "OutOfRange", "Latitude",
         "Latitude must be from -90 to 90"),
    post("ServiceCalls", CALL, "OutOfRange", "Priority", "Priority must be from 1 to 4 (got 5).",
         Priority=5),
    Case("PATCH", "LedgerDivisions(1)", {"FiscalYearStartMonth": 13}, "OutOfRange",
         "FiscalYearStartMonth", "FiscalYearStartMonth must be from 1 to 12 (got 13)."),
    Case("PATCH", "LedgerDivisions(1)", {"Currency": "$$"}, "InvalidCurrency", "Currency",
         "Currency '$$' is not a currency code of ISO 4217"),
    Case("PATCH", "Buildings($building)", {"Country": "1A"}, "InvalidCountry", "Country",
         "Country '1A' is not a country code of ISO 3166"),
    Case("PATCH", "Buildings($building)", {"Email": "x"}, "InvalidEmail", "Email", "Email 'x' is"),
    Case("PATCH", "Suppliers($supplier)", {"Phone": "x"}, "InvalidPhone", "Phone", "Phone 'x' is"),
    # Invoices, payments, calls.
    post("Invoices", INVOICE, "InvoiceNumberTaken", "InvoiceNo",
         "Supplier $supplier already has an invoice 'F-1'.", InvoiceNo="F-1"),
    post("Invoices", INVOICE, "InvoiceLinesRequired", "InvoiceDetails",
         "An invoice needs at least one line", InvoiceDetails=[]),
    post("Invoices", INVOICE, "AccountRequired", "InvoiceDetails[1]/AccountNo",
         "AccountNo is empty", InvoiceDetails=[LINE, {**LINE, "AccountNo": " "}]),
    post("Invoices", INVOICE, "UnknownBuilding", "InvoiceDetails[0]/BuildingCode",
         "There is no building",
         InvoiceDetails=[{**LINE, "BuildingCode": "NONE"}]),
    *(
        post("Transactions", PAYMENT, "ChargesAreBilled", "Kind",
             f"Kind {kind} ({name}) is created", Kind=kind, Amount=10)
        for kind, name in (("R", "rent"), ("S", "service"), ("K", "parking"), ("G", "storage"))
    ),
    post("Transactions", PAYMENT, "PaymentNotNegative", "Amount", "Amount 10 must be negative",
         Amount=10),
    post("ServiceCalls", CALL, "UnitElsewhere", "UnitId",
         "Unit $far_unit is in building '$far', the call in 'SCENE'.", UnitId="$far_unit"),
    post("ServiceCalls", CALL, "TenantElsewhere", "TenantId",
         "Tenant $far_tenant is in division 4-2, the call in 3-1.", TenantId="$far_tenant"),
    # Codes that are taken, columns that are fixed.
    post("LedgerDivisions", {"CompanyName": "Pins", "Name": "Pins"}, "DivisionTaken", "DivisionNo",
         "Company 3 already has a division 1.", **DIVISION),
    post("Buildings", BUILDING, "BuildingCodeTaken", "BuildingCode",
         "Company 3, division 1 already has a building 'SCENE'."),
    post("Units", PLACE, "UnitCodeTaken", "UnitCode",
         "Building SCENE of company 3, division 1 already has a unit '102'.", UnitCode="102 "),
    post("Parkings", PLACE, "ParkingCodeTaken", "ParkingCode", "Building SCENE of company 3",
         ParkingCode="P1"),
    post("Storages", PLACE, "StorageCodeTaken", "StorageCode", "Building SCENE of company 3",
         StorageCode="R1"),
    post("Services", {"Name": "Encore"}, "ServiceCodeTaken", "ServiceCode", "A service",
         ServiceCode="CHAUF"),
    post("Suppliers", {"Name": "Scène"}, "SupplierCodeTaken", "SupplierCode",
         "A supplier 'SCENE' already exists.", SupplierCode="SCENE"),
    post("HousingTypes", {"Name": "Encore"}, "HousingTypeTaken", "Code",
         "A housing type '4½' already exists.", Code="4½"),
    Case("PATCH", "Buildings($building)", {"BuildingCode": "OTHER"}, "PropertyFixed",
         "BuildingCode", "BuildingCode stays 'SCENE'"),
    Case("PATCH", "Units($free)", {"UnitCode": "109"}, "PropertyFixed", "UnitCode",
         "UnitCode stays '102'"),
    Case("PATCH", "Tenants($tenant)", {"DivisionNo": 2}, "PropertyFixed", "DivisionNo",
         "DivisionNo stays"),
    Case("PATCH", "LeasePriceChanges($step)", {"TenantId": "$leaving"}, "PropertyFixed",
         "TenantId", "TenantId stays"),
]  # fmt: skip


@pytest.fixture(scope="module")
def office(estate: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with (
        travelled(NOW),
        opened_office(estate, tmp_path_factory.mktemp("home")) as opened,
    ):
        yield opened


@pytest.fixture(scope="module")
def scene(office: Office) -> Scene:
    return built(office)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.code}-{case.path.split('(')[0]}")
def test_what_a_rule_forbids_is_refused_with_its_code(
    office: Office, scene: Scene, case: Case
) -> None:
    error = office.refusal(case.method, told(case.path, scene), told(case.body, scene))
    assert (error["code"], error["target"]) == (case.code, case.target), error
    assert error["message"].startswith(told(case.message, scene))
    assert "{" not in error["message"]


def test_what_was_refused_was_not_written(office: Office, scene: Scene) -> None:
    assert len(office.read("Units", filter="BuildingCode eq 'SCENE'")) == 3
    assert len(office.read("Tenants", filter="LastName eq 'Roy' and BuildingCode eq 'SCENE'")) == 1
    assert office.read("Invoices", filter="InvoiceNo eq 'F-2'") == []
    assert len(office.read(f"Tenants({scene['tenant']})/LeasePriceChanges")) == 1


def test_all_that_is_wrong_with_a_tenant_is_said_at_once(office: Office) -> None:
    body = {**TENANT, "Rent": -1, "Email": "x", "Phone": "x", "LeaseEndDate": "2026-01-01"}
    error = office.refusal("POST", "Tenants", body)
    assert {(each["code"], each["target"]) for each in error["details"]} == {
        ("LeaseEndBeforeStart", "LeaseEndDate"), ("NegativeRent", "Rent"),
        ("UnitRequired", "UnitId"), ("InvalidEmail", "Email"), ("InvalidPhone", "Phone"),
    }  # fmt: skip


@pytest.mark.parametrize("written", ["SCENE", "SCENE   "])
def test_blanks_at_the_end_of_a_fixed_code_are_no_change(
    office: Office, scene: Scene, written: str
) -> None:
    body = {"BuildingCode": written, "Description": f"{len(written)}"}
    assert office.change(f"Units({scene['free']})", **body)["BuildingCode"] == "SCENE"


def test_what_is_replaced_by_itself_stays_what_it_is(office: Office, scene: Scene) -> None:
    for path in (
        f"Buildings({scene['building']})", f"Units({scene['free']})", f"Tenants({scene['tenant']})",
        f"LeasePriceChanges({scene['step']})", f"ServiceCalls({scene['call']})",
        "TenantParkings(1)", "TenantStorages(1)", "TenantServices(1)", "UnavailableUnits(1)",
        "ServiceCallDetails(1)",
        "Parkings(1)", "Storages(1)", "LedgerDivisions(1)", "Documents(1)", "Suppliers(1)",
        "Services(1)", "HousingTypes('4½')", "LeasePriceChanges(1)",
    ):  # fmt: skip
        before = office.http.get(f"/api/{path}")
        answer = office.http.put(f"/api/{path}", json=before.json())
        assert answer.status_code == 204, f"{path} {answer.text}"
        assert office.http.get(f"/api/{path}").json() == before.json(), path


def test_a_tenant_that_is_replaced_has_its_unit_by_its_id_or_by_its_codes(
    office: Office, scene: Scene
) -> None:
    unit = office.post("Units", **PLACE, UnitCode="104")["Id"]
    other = office.post("Units", **PLACE, UnitCode="105")["Id"]
    place = f"/api/Tenants({office.post('Tenants', **TENANT, UnitId=unit)['Id']})"
    for way, expected in (
        ({"UnitId": unit}, (unit, "104")),
        ({"BuildingCode": "SCENE", "UnitCode": "104"}, (unit, "104")),
        ({"UnitId": other}, (other, "105")),
        ({"BuildingCode": "SCENE", "UnitCode": "104"}, (unit, "104")),
    ):
        answer = office.http.put(place, json={**TENANT, **way})
        assert answer.status_code == 204, answer.text
        found = office.http.get(place).json()
        assert (found["UnitId"], found["UnitCode"]) == expected
    assert office.refusal("PUT", place.removeprefix("/api/"), TENANT)["code"] == "UnitRequired"
    parker = {**TENANT, "TenantType": "P"}
    assert office.http.put(place, json=parker).status_code == 204
    assert office.http.get(place).json()["UnitId"] is None
