"""Tenants and their leases, and the parkings and storages that they rent."""

from gerance.kernel.odata.edm import Edm, EntityType
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
    integer,
    many,
    moment,
    money,
    one,
    sorted_text,
    text,
)

TENANT_TYPES = {"D": "dwelling", "C": "commercial", "P": "parking only", "S": "storage only"}
LANGUAGES = {"fr": "French", "en": "English"}

TENANT = entity(
    "Tenant",
    "Tenants",
    "Who rents a unit, a parking space or a storage room, with the terms of the lease.",
    *company_and_division(),
    choice("TenantType", "What the tenant rents.", TENANT_TYPES, required=True),
    decimal(
        "TenantNo", 9, 1, "A number of its company and division.", nullable=False, computed=True
    ),
    code("BuildingCode", 10, "The code of the building of the unit."),
    code("UnitCode", 10, "The code of the unit."),
    sorted_text("LastName", 80, "The last name, or the name of the firm.", required=True),
    sorted_text("FirstName", 80, "The first name."),
    identifier("the tenant"),
    integer("UnitId", "The Id of the unit, null for who rents a parking or storage only."),
    text("Email", 120, "The e-mail address."),
    text("Phone", 30, "The telephone number at home."),
    text("MobilePhone", 30, "The mobile telephone number."),
    choice("Language", "The language in which the tenant is written to.", LANGUAGES),
    date("BirthDate", "The day of birth."),
    date("LeaseStartDate", "The first day of the lease.", required=True),
    date("LeaseEndDate", "The last day of the lease's term.", required=True),
    boolean("LeaseRenewable", "Whether the lease continues after its term until a departure."),
    date("SignedDate", "The day on which the lease was signed."),
    money("Rent", "The rent for a month at the start of the lease.", required=True),
    money(
        "CurrentRent",
        "The rent for a month as of today, after the price changes in effect.",
        nullable=False,
        computed=True,
    ),
    date("DepartureDate", "The last day on which the tenant is there, once it is known."),
    money(
        "Balance",
        "What the tenant owes: the sum of its transactions.",
        nullable=False,
        computed=True,
    ),
    column_property(
        "Active",
        Edm.BOOLEAN,
        "Whether the lease runs today or is to come.",
        nullable=False,
        computed=True,
    ),
    scope=PLACE,
    navigations=(
        one("Unit", "Unit", "UnitId", "The unit that the tenant rents.", "Tenants"),
        many(
            "LeasePriceChanges", "LeasePriceChange", "TenantId", "The steps of the rent.", "Tenant"
        ),
        many("TenantServices", "TenantService", "TenantId", "Services and rebates.", "Tenant"),
        many("TenantParkings", "TenantParking", "TenantId", "The parkings rented.", "Tenant"),
        many("TenantStorages", "TenantStorage", "TenantId", "The storages rented.", "Tenant"),
        many("Transactions", "Transaction", "TenantId", "What was billed and paid.", "Tenant"),
        many("ServiceCalls", "ServiceCall", "TenantId", "What the tenant asked for.", "Tenant"),
        many("Documents", "Document", "TenantId", "The tenant's papers.", "Tenant"),
    ),
)

LEASE_PRICE_CHANGE = entity(
    "LeasePriceChange",
    "LeasePriceChanges",
    "A step of the rent of a lease; the billing run applies it from its date.",
    identifier("the step"),
    integer("TenantId", "The Id of the tenant.", required=True),
    date("EffectiveDate", "The first day of the new rent.", required=True),
    money("Rent", "The new rent for a month.", required=True),
    text("Comment", 500, "Why the rent changes."),
    moment("AppliedAt", "When the billing run applied it, null until then.", computed=True),
    unique=(("TenantId", "EffectiveDate"),),
    scope=PLACE,
    navigations=(one("Tenant", "Tenant", "TenantId", "The tenant.", "LeasePriceChanges"),),
)


def _rental(place: str, what: str) -> EntityType:
    """The rental of a Parking or Storage, described as `what`, by a tenant."""
    return entity(
        f"Tenant{place}",
        f"Tenant{place}s",
        f"The rental of a {what} by a tenant. A renewable one continues until the tenant departs.",
        identifier("the rental"),
        integer("TenantId", "The Id of the tenant.", required=True),
        integer(f"{place}Id", f"The Id of the {what}.", required=True),
        date("StartDate", "The first day of the rental.", required=True),
        date("EndDate", "The last day of the rental's term.", required=True),
        boolean("Renewable", "Whether the rental continues after its term until a departure."),
        money("Amount", "The rent for a month.", required=True),
        scope=PLACE,
        navigations=(
            one("Tenant", "Tenant", "TenantId", "The tenant.", f"Tenant{place}s"),
            one(place, place, f"{place}Id", f"The {what}.", f"Tenant{place}s"),
        ),
    )


TENANT_PARKING = _rental("Parking", "parking space")
TENANT_STORAGE = _rental("Storage", "storage room")

TYPES = (TENANT, LEASE_PRICE_CHANGE, TENANT_PARKING, TENANT_STORAGE)
