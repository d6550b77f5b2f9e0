"""Bodies that write rentals, as the API pages and the Postman collection show them.

The demonstration takes them: what they refer to is there, and the codes are not taken. Days are
far enough ahead for any installation that is begun now.
"""

from collections.abc import Mapping

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

WRITE_ANNOTATIONS = WriteAnnotations(
    deep={name: frozenset(rules.details) for name, rules in RULES.items() if rules.details},
    fixed={
        name: frozenset(each.name for each in rules.entity.properties if each.column in rules.fixed)
        for name, rules in RULES.items()
        if rules.fixed
    },
    samples=SAMPLES,
)
"""What is known of writing rentals before anybody writes."""
