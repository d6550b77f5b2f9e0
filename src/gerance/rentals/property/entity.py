"""Divisions, buildings, units, and the parkings and storages that go with them."""

from gerance.kernel.odata.edm import Edm, Navigation
from gerance.rentals.declare.entity import (
    PLACE,
    boolean,
    choice,
    code,
    column_property,
    company_and_division,
    date,
    decimal,
    entity,
    identifier,
    incident,
    integer,
    many,
    money,
    one,
    sorted_text,
    text,
)

OCCUPANCY = {
    "V": "vacant",
    "L": "leased",
    "R": "reserved by a lease to come",
    "N": "not available",
}
PARKING_TYPES = {"I": "indoor", "O": "outdoor"}

_LEDGER_KEYS = (("company_no", "company_no"), ("division_no", "division_no"))

LEDGER_DIVISION = entity(
    "LedgerDivision",
    "LedgerDivisions",
    "A division of a company, with a ledger of its own.",
    identifier("the division in this list"),
    *company_and_division(),
    sorted_text("CompanyName", 80, "The name of the company.", required=True),
    sorted_text("Name", 80, "The name of the division.", required=True),
    text("Currency", 3, "The currency of all its amounts, a code of ISO 4217.", nullable=False),
    integer(
        "FiscalYearStartMonth",
        "The month in which its fiscal year starts, 1 to 12.",
        nullable=False,
    ),
    boolean("Active", "Whether the division is in use."),
    unique=(("CompanyNo", "DivisionNo"),),
    scope=PLACE,
    navigations=(
        Navigation(
            name="Buildings",
            target="Building",
            columns=_LEDGER_KEYS,
            description="The buildings of the division.",
            many=True,
            partner="LedgerDivision",
        ),
    ),
)

BUILDING = entity(
    "Building",
    "Buildings",
    "A building, whose units are let.",
    identifier("the building"),
    *company_and_division(),
    code("BuildingCode", 10, "The building's code within its division.", required=True),
    sorted_text("Name", 80, "The name of the building.", required=True),
    text("CivicNoAndStreet", 100, "The number in the street, and the street.", required=True),
    sorted_text("City", 60, "The city.", required=True),
    text("Province", 60, "The province, region or department."),
    text("PostalCode", 10, "The postal code."),
    text("Country", 2, "The country, a code of ISO 3166 such as CA or FR."),
    integer("ConstructionYear", "The year in which the building was finished."),
    integer("NumberOfFloors", "The number of its floors, the ground floor included."),
    integer("NumberOfUnits", "The number of its units.", nullable=False, computed=True),
    sorted_text("ManagerName", 80, "The name of who manages the building."),
    text("Phone", 30, "The telephone number of who manages the building."),
    text("Email", 120, "The e-mail address of who manages the building."),
    text("HeatingType", 40, "How the building is heated."),
    column_property("Latitude", Edm.DOUBLE, "The latitude in degrees, north is positive (WGS 84)."),
    column_property(
        "Longitude", Edm.DOUBLE, "The longitude in degrees, east is positive (WGS 84)."
    ),
    money("MunicipalEvaluation", "The value by which the municipality taxes the building."),
    date("AcquisitionDate", "The day on which the building was bought."),
    boolean("Active", "Whether the building is in use."),
    unique=(("CompanyNo", "DivisionNo", "BuildingCode"),),
    scope=PLACE,
    navigations=(
        Navigation(
            name="LedgerDivision",
            target="LedgerDivision",
            columns=_LEDGER_KEYS,
            description="The division that the building belongs to.",
            partner="Buildings",
            referential=(("CompanyNo", "CompanyNo"), ("DivisionNo", "DivisionNo")),
        ),
        many("Units", "Unit", "BuildingId", "The units of the building.", "Building"),
        many("Parkings", "Parking", "BuildingId", "The parking spaces.", "Building"),
        many("Storages", "Storage", "BuildingId", "The storage rooms.", "Building"),
        many("ServiceCalls", "ServiceCall", "BuildingId", "What was to be repaired.", "Building"),
        incident(
            "Patrimony",
            "Patrimony",
            "patrimony_uid",
            "The building as call centres know it, null until linked.",
        ),
    ),
)

HOUSING_TYPE = entity(
    "HousingType",
    "HousingTypes",
    "A kind of unit, such as a dwelling of four rooms and a half.",
    code("Code", 10, "The code of the housing type.", required=True),
    sorted_text("Name", 60, "The name of the housing type.", required=True),
    key=("Code",),
    navigations=(
        Navigation(
            name="Units",
            target="Unit",
            columns=(("code", "housing_type"),),
            description="The units of this housing type.",
            many=True,
        ),
    ),
)

UNIT = entity(
    "Unit",
    "Units",
    "A dwelling or commercial space of a building, let as a whole.",
    *company_and_division(),
    code("BuildingCode", 10, "The code of the building.", required=True),
    code("UnitCode", 10, "The unit's code within its building.", required=True),
    choice(
        "OccupancyStatus",
        "What the unit is today, never past or future; for a range of dates ask Units/ForRent.",
        OCCUPANCY,
        nullable=False,
        computed=True,
    ),
    code("HousingType", 10, "The code of its housing type."),
    decimal("NumberOfRooms", 4, 1, "The number of rooms; a bathroom counts for a half in Quebec."),
    identifier("the unit"),
    integer("BuildingId", "The Id of the building.", nullable=False, computed=True),
    integer("Floor", "The floor, 0 is the ground floor."),
    decimal("Area", 9, 2, "The floor area in square metres."),
    money("BaseRent", "The rent for a month at which the unit is offered."),
    boolean("Heated", "Whether the rent includes the heating."),
    boolean("ElectricityIncluded", "Whether the rent includes the electricity."),
    boolean("Furnished", "Whether the unit is let with furniture."),
    boolean("PetsAllowed", "Whether pets are allowed."),
    text("Appliances", 200, "The household appliances that are let with the unit."),
    text("Description", 2000, "What an advertisement says of the unit."),
    boolean("Active", "Whether the unit may be let at all."),
    unique=(("CompanyNo", "DivisionNo", "BuildingCode", "UnitCode"),),
    scope=PLACE,
    navigations=(
        one("Building", "Building", "BuildingId", "The building of the unit.", "Units"),
        many("Tenants", "Tenant", "UnitId", "Those who rent, rented or will rent it.", "Unit"),
        many(
            "UnavailableUnits",
            "UnavailableUnit",
            "UnitId",
            "The times in which the unit cannot be let.",
            "Unit",
        ),
        many("ServiceCalls", "ServiceCall", "UnitId", "What was to be repaired in it.", "Unit"),
        incident("Lot", "Lot", "lot_uid", "The unit as call centres know it, null until linked."),
    ),
)

UNAVAILABLE_UNIT = entity(
    "UnavailableUnit",
    "UnavailableUnits",
    "A time in which a unit cannot be let; once its end has passed the unit is available again.",
    identifier("the time"),
    integer("UnitId", "The Id of the unit.", required=True),
    date("StartDate", "The first day on which the unit cannot be let.", required=True),
    date("EndDate", "The last such day, null while it is not known."),
    text("Reason", 200, "Why the unit cannot be let.", required=True),
    scope=PLACE,
    navigations=(one("Unit", "Unit", "UnitId", "The unit.", "UnavailableUnits"),),
)

PARKING = entity(
    "Parking",
    "Parkings",
    "A parking space of a building, rented with a unit or by itself.",
    identifier("the parking space"),
    *company_and_division(),
    code("BuildingCode", 10, "The code of the building.", required=True),
    code("ParkingCode", 10, "The parking space's code within its building.", required=True),
    integer("BuildingId", "The Id of the building.", nullable=False, computed=True),
    choice("ParkingType", "Whether it is indoor or outdoor.", PARKING_TYPES),
    money("Amount", "The rent for a month at which it is offered."),
    boolean("ChargingStation", "Whether a car can be charged there."),
    boolean("Active", "Whether the parking space may be rented at all."),
    unique=(("CompanyNo", "DivisionNo", "BuildingCode", "ParkingCode"),),
    scope=PLACE,
    navigations=(
        one("Building", "Building", "BuildingId", "The building.", "Parkings"),
        many("TenantParkings", "TenantParking", "ParkingId", "Who rents it, when.", "Parking"),
    ),
)

STORAGE = entity(
    "Storage",
    "Storages",
    "A storage room of a building, rented with a unit or by itself.",
    identifier("the storage room"),
    *company_and_division(),
    code("BuildingCode", 10, "The code of the building.", required=True),
    code("StorageCode", 10, "The storage room's code within its building.", required=True),
    integer("BuildingId", "The Id of the building.", nullable=False, computed=True),
    decimal("Area", 9, 2, "The floor area in square metres."),
    money("Amount", "The rent for a month at which it is offered."),
    boolean("Active", "Whether the storage room may be rented at all."),
    unique=(("CompanyNo", "DivisionNo", "BuildingCode", "StorageCode"),),
    scope=PLACE,
    navigations=(
        one("Building", "Building", "BuildingId", "The building.", "Storages"),
        many("TenantStorages", "TenantStorage", "StorageId", "Who rents it, when.", "Storage"),
    ),
)

TYPES = (LEDGER_DIVISION, BUILDING, HOUSING_TYPE, UNIT, UNAVAILABLE_UNIT, PARKING, STORAGE)
