"""Bodies that write rentals, as the API pages and the Postman collection show them.

The demonstration takes them: what they refer to is there, and the codes are not taken. Days are
far enough ahead for any installation that is begun now.
"""

from collections.abc import Mapping
from typing import Any

from gerance.kernel.odata.write_annotations import Sample, WriteAnnotations
from gerance.rentals.model.rules import RULES

_PLACE = {"CompanyNo": 3, "DivisionNo": 1}
_BUILDING = {**_PLACE, "BuildingCode": "1000PINS"}

_PROPERTY = {
    "LedgerDivision": Sample(
        create={
            "CompanyNo": 3,
            "DivisionNo": 90,
            "CompanyName": "Immeubles Laurier inc.",
            "Name": "Portneuf",
            "Currency": "CAD",
            "FiscalYearStartMonth": 7,
        },
        change={"Name": "Portneuf et Donnacona", "FiscalYearStartMonth": 1},
    ),
    "Building": Sample(
        create={
            **_PLACE,
            "BuildingCode": "12TILLEULS",
            "Name": "Les Tilleuls",
            "CivicNoAndStreet": "12 rue des Tilleuls",
            "City": "Lévis",
            "Province": "Québec",
            "PostalCode": "G6V 1A1",
            "Country": "CA",
            "ConstructionYear": 1987,
            "NumberOfFloors": 3,
            "ManagerName": "Gaétan Beaulieu",
            "Phone": "418 555-0185",
            "Email": "gaetan.beaulieu@gestion.example",
            "HeatingType": "Électricité",
            "MunicipalEvaluation": 1450000,
            "AcquisitionDate": "2026-09-01",
        },
        change={"ManagerName": "Nathalie Proulx", "Phone": "418 555-0142"},
    ),
    "HousingType": Sample(
        create={"Code": "LOFT", "Name": "Loft"}, change={"Name": "Loft avec mezzanine"}
    ),
    "Unit": Sample(
        create={
            **_BUILDING,
            "UnitCode": "401",
            "HousingType": "4½",
            "NumberOfRooms": 4.5,
            "Floor": 4,
            "Area": 82.5,
            "BaseRent": 1180,
            "Heated": True,
            "PetsAllowed": True,
            "Appliances": "Réfrigérateur, cuisinière",
        },
        change={"BaseRent": 1225, "Furnished": True},
    ),
    "UnavailableUnit": Sample(
        create={
            "UnitId": 81,
            "StartDate": "2031-02-01",
            "EndDate": "2031-02-28",
            "Reason": "Réfection de la salle de bain",
        },
        change={"EndDate": "2031-03-15"},
    ),
    "Parking": Sample(
        create={**_BUILDING, "ParkingCode": "P77", "ParkingType": "O", "Amount": 45},
        change={"Amount": 50, "ChargingStation": True},
    ),
    "Storage": Sample(
        create={**_BUILDING, "StorageCode": "R77", "Area": 4, "Amount": 30}, change={"Amount": 35}
    ),
}
_LEASING = {
    "Tenant": Sample(
        create={
            **_BUILDING,
            "UnitCode": "105",
            "TenantType": "D",
            "LastName": "Tremblay",
            "FirstName": "Geneviève",
            "Email": "genevieve.tremblay@courriel.example",
            "MobilePhone": "418 555-0133",
            "Language": "fr",
            "LeaseStartDate": "2031-07-01",
            "LeaseEndDate": "2032-06-30",
            "Rent": 1095,
        },
        change={"MobilePhone": "418 555-0177", "DepartureDate": "2032-06-30"},
    ),
    "LeasePriceChange": Sample(
        create={
            "TenantId": 3,
            "EffectiveDate": "2031-07-01",
            "Rent": 1425.5,
            "Comment": "Hausse prévue au bail",
        },
        change={"Rent": 1418},
    ),
    "TenantParking": Sample(
        create={
            "TenantId": 3,
            "ParkingId": 55,
            "StartDate": "2031-07-01",
            "EndDate": "2032-06-30",
            "Renewable": False,
            "Amount": 55,
        },
        change={"Renewable": True},
    ),
    "TenantStorage": Sample(
        create={
            "TenantId": 3,
            "StorageId": 66,
            "StartDate": "2031-07-01",
            "EndDate": "2032-06-30",
            "Renewable": False,
            "Amount": 30,
        },
        change={"Amount": 32.5},
    ),
}
_BILLING = {
    "Service": Sample(
        create={
            "ServiceCode": "PISCINE",
            "Name": "Accès à la piscine",
            "DefaultAmount": 60,
            "Taxable": True,
        },
        change={"DefaultAmount": 62.5},
    ),
    "TenantService": Sample(
        create={
            "TenantId": 3,
            "ServiceId": 1,
            "Amount": -50,
            "StartDate": "2031-01-01",
            "EndDate": "2031-03-31",
            "Comment": "Rabais pour le chauffage en panne",
        },
        change={"EndDate": "2031-04-30"},
    ),
    "Transaction": Sample(
        create={
            "TenantId": 3,
            "TransactionDate": "2026-11-02",
            "Kind": "P",
            "Amount": -500,
            "Description": "Virement",
        },
        permanent=True,
    ),
    "Document": Sample(
        create={"TenantId": 3, "Kind": "A", "Title": "Avis de retard"},
        change={"Title": "Avis de retard, deuxième envoi"},
    ),
}
_WORKS = {
    "Supplier": Sample(
        create={
            "SupplierCode": "NORDET",
            "Name": "Plomberie Nordet inc.",
            "ContactName": "Samuel Caron",
            "CivicNoAndStreet": "77 chemin du Nordet",
            "City": "Lévis",
            "Province": "Québec",
            "PostalCode": "G6W 1K4",
            "Phone": "418 555-0190",
            "Email": "bureau@nordet.example",
            "Trade": "Plomberie",
            "PaymentTermsDays": 30,
        },
        change={"PaymentTermsDays": 45},
    ),
    "Invoice": Sample(
        create={
            **_PLACE,
            "SupplierId": 1,
            "InvoiceNo": "F-2026-1142",
            "InvoiceDate": "2026-11-02",
            "Description": "Chauffe-eau du 105",
            "TaxAmount": 97.28,
            "InvoiceDetails": [
                {
                    "AccountNo": "5500",
                    "BuildingCode": "1000PINS",
                    "Description": "Chauffe-eau de 40 gallons",
                    "Quantity": 1,
                    "UnitPrice": 489.62,
                },
                {
                    "AccountNo": "5100",
                    "BuildingCode": "1000PINS",
                    "Description": "Main-d'œuvre",
                    "Quantity": 2,
                    "UnitPrice": 80,
                },
            ],
        },
        permanent=True,
    ),
    "ServiceCall": Sample(
        create={
            **_BUILDING,
            "UnitId": 81,
            "SupplierId": 1,
            "Priority": 3,
            "Status": "A",
            "Subject": "Robinet qui fuit",
            "Description": "Le robinet de la cuisine fuit.",
            "ScheduledDate": "2031-01-14",
        },
        change={"Status": "P", "ScheduledDate": "2031-01-15"},
    ),
    "ServiceCallDetail": Sample(
        create={
            "ServiceCallId": 1,
            "Description": "Remplacer le tube et le ballast",
            "Hours": 1.5,
            "Amount": 120,
        },
        change={"Done": True},
    ),
}

SAMPLES: Mapping[str, Sample] = {**_PROPERTY, **_LEASING, **_BILLING, **_WORKS}
"""By the names of the types, each type whose entities clients create."""

KEYS: Mapping[str, Mapping[str, Any]] = {
    "HousingType": {"Code": "4½"},
    "Ticket": {"Uid": "4a1c9d3e-52b7-5d0e-9a53-0e7c5a1f2b60"},
    "TicketEvent": {"Position": 5000},
    "ClientCompany": {"Uid": "0172949e-cf61-5a19-a7d1-640f133dcb21"},
    "Agency": {"Uid": "17d706c1-7844-00f5-a4a4-f1afa1975184"},
    "Patrimony": {"Uid": "74aa4bf3-8fde-4985-b16e-e3ba2788868f"},
    "Lot": {"Uid": "dc47bed5-0817-5147-a7ac-20510c71ed50"},
    "ProviderContact": {"Uid": "7943797a-93c4-73f9-48f8-6baea5e94d13"},
    "PatrimonyContact": {"Uid": "9b859b93-88ca-547e-a830-79370a07a62b"},
    "PartnerCustomer": {"Uid": "c39b6b98-fa9a-52c5-88ca-787fc7c50d9f"},
    **{
        name: {"Id": number}
        for name, number in {
            "LedgerDivision": 1, "Building": 1, "Unit": 81, "UnavailableUnit": 2, "Parking": 55,
            "Storage": 66, "Tenant": 3, "LeasePriceChange": 900, "TenantParking": 1,
            "TenantStorage": 1, "Service": 1, "TenantService": 2, "Transaction": 1,
            "FinancialStatement": 1, "Supplier": 1, "Invoice": 1, "InvoiceDetail": 1,
            "ServiceCall": 1, "ServiceCallDetail": 3, "Document": 2, "WebhookDelivery": 2,
        }.items()
    },
}  # fmt: skip
"""The key of an entity that the demonstration has, by type."""

STORED: Mapping[str, Mapping[str, Any]] = {
    "LedgerDivision": {"CompanyNo": 1, "DivisionNo": 1},
    "Building": {"CompanyNo": 4, "DivisionNo": 1, "BuildingCode": "1067CHEVRE"},
    "HousingType": {"Code": "4½"},
    "Unit": {"UnitCode": "105"},
    "Parking": {"BuildingCode": "1115SHERBR"},
    "Storage": {"BuildingCode": "1120FLEUVE"},
    "TenantParking": {"TenantId": 2, "ParkingId": 578},
    "TenantStorage": {"TenantId": 8, "StorageId": 276},
    "ServiceCall": {"BuildingCode": "1067CHEVRE", "UnitId": 1},
    "ServiceCallDetail": {"ServiceCallId": 2},
    "Document": {"TenantId": 2},
}
"""The properties of these entities that never change, and others that fit them, by type."""

UNUSED: Mapping[str, Mapping[str, Any]] = {
    "HousingType": {"Code": "CHALET"},
    **{
        name: {"Id": number}
        for name, number in {
            "LedgerDivision": 8, "Building": 629, "Unit": 2910, "UnavailableUnit": 1,
            "Parking": 577, "Storage": 275, "Tenant": 1201, "LeasePriceChange": 900,
            "TenantParking": 1, "TenantStorage": 1, "Service": 8, "TenantService": 1,
            "Supplier": 24, "ServiceCall": 401, "ServiceCallDetail": 1, "Document": 1,
        }.items()
    },
}  # fmt: skip
"""The key of an entity that the demonstration has and that may be deleted, by type."""

WRITE_ANNOTATIONS = WriteAnnotations(
    deep={name: frozenset(rules.details) for name, rules in RULES.items() if rules.details},
    fixed={
        name: frozenset(each.name for each in rules.entity.properties if each.column in rules.fixed)
        for name, rules in RULES.items()
        if rules.fixed
    },
    samples=SAMPLES,
    keys=KEYS,
    stored=STORED,
    unused=UNUSED,
    nullable={"Tenant": "Phone"},
    targets={
        "TenantParking.Parking": {"Id": 578},
        "TenantStorage.Storage": {"Id": 276},
        "ServiceCall.Unit": {"Id": 1},
    },
)
"""What is known of writing rentals before anybody writes."""
