"""What the refusals of the rental API are shown with: a building of a few units, and who is there.

Values that start with `$` in bodies, paths and messages stand for ids of the scene.
"""

import re
from typing import Any

from tests.rentals.office import Office

PLACE = {"CompanyNo": 3, "DivisionNo": 1, "BuildingCode": "SCENE"}
TENANT = {
    "CompanyNo": 3, "DivisionNo": 1, "TenantType": "D", "LastName": "Roy", "Rent": 900,
    "LeaseStartDate": "2026-12-01", "LeaseEndDate": "2027-11-30",
}  # fmt: skip
LEASED, FREE, CLOSED = "101", "102", "103"

Scene = dict[str, Any]


def built(office: Office) -> Scene:
    """The ids of what is there, by name."""
    building = office.post(
        "Buildings", **PLACE, Name="La Scène", CivicNoAndStreet="1 rue de la Scène", City="Québec"
    )
    units = [
        office.post("Units", **PLACE, UnitCode=code, Active=code != CLOSED)["Id"]
        for code in (LEASED, FREE, CLOSED)
    ]
    elsewhere = {"CompanyNo": 4, "DivisionNo": 2}
    far = office.read("Buildings", filter="CompanyNo eq 4 and DivisionNo eq 2", top="1")[0]
    far_unit = office.post("Units", **elsewhere, BuildingCode=far["BuildingCode"], UnitCode="LOIN")[
        "Id"
    ]
    tenant = office.post("Tenants", **{**TENANT, "LeaseStartDate": "2026-07-01"}, UnitId=units[0])
    leaving = office.post(
        "Tenants", **{**TENANT, "TenantType": "P"}, DepartureDate="2027-05-31"
    )  # fmt: skip
    far_tenant = office.post("Tenants", **{**TENANT, **elsewhere}, UnitId=far_unit)
    parking = office.post("Parkings", **PLACE, ParkingCode="P1")["Id"]
    storage = office.post("Storages", **PLACE, StorageCode="R1")["Id"]
    step = office.post(
        "LeasePriceChanges", TenantId=tenant["Id"], EffectiveDate="2027-07-01", Rent=920
    )
    supplier = office.post("Suppliers", SupplierCode="SCENE", Name="Scène inc.")["Id"]
    office.post(
        "Invoices", CompanyNo=3, DivisionNo=1, SupplierId=supplier, InvoiceNo="F-1",
        InvoiceDate="2026-11-02", InvoiceDetails=[{"AccountNo": "5100", "UnitPrice": 1}],
    )  # fmt: skip
    rented = {
        "TenantId": tenant["Id"], "StartDate": "2026-07-01", "EndDate": "2027-06-30", "Amount": 1,
    }  # fmt: skip
    office.post("TenantParkings", **rented, ParkingId=parking, Renewable=True)
    office.post("TenantStorages", **rented, StorageId=storage)
    call = office.post("ServiceCalls", **PLACE, Subject="Robinet")["Id"]
    return {
        "building": building["Id"], "leased": units[0], "free": units[1], "closed": units[2],
        "far_unit": far_unit, "tenant": tenant["Id"], "leaving": leaving["Id"],
        "far_tenant": far_tenant["Id"], "parking": parking, "storage": storage,
        "closed_parking": office.post("Parkings", **PLACE, ParkingCode="P2", Active=False)["Id"],
        "closed_storage": office.post("Storages", **PLACE, StorageCode="R2", Active=False)["Id"],
        "step": step["Id"], "supplier": supplier, "call": call,
        "applied": office.read("LeasePriceChanges", filter="AppliedAt ne null", top="1")[0]["Id"],
        "far": far["BuildingCode"].strip(),
    }  # fmt: skip


def told(what: Any, scene: Scene) -> Any:
    """A body, path or message with the ids of the scene."""
    if isinstance(what, dict):
        return {name: told(value, scene) for name, value in what.items()}
    if isinstance(what, list):
        return [told(each, scene) for each in what]
    if not isinstance(what, str):
        return what
    if what.startswith("$") and what[1:] in scene:
        return scene[what[1:]]
    return re.sub(r"\$(\w+)", lambda name: str(scene.get(name[1], name[0])), what)
