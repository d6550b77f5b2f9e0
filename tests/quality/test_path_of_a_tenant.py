"""A reader follows POST /api/Tenants straight down, from its handler to the answer."""

from pathlib import Path

from tests.quality.path_trace import MOST_FILES, files_of_request
from tests.rentals.house import House
from tests.rentals.office import opened_office


def test_a_new_tenant_passes_through_few_files(database: str, tmp_path: Path) -> None:
    house = House(database)
    unit = house.unit("1")
    house.close()
    with opened_office(database, tmp_path) as office:
        body = {
            "CompanyNo": 3,
            "DivisionNo": 1,
            "UnitId": unit,
            "TenantType": "D",
            "LastName": "Roy",
            "LeaseStartDate": "2031-01-01",
            "LeaseEndDate": "2031-12-31",
            "Rent": 900,
        }
        files, answer = files_of_request(
            office.http, lambda: office.http.post("/api/Tenants", json=body)
        )
    assert answer.status_code == 201, answer.text
    assert "rentals/writing/unit_of_work.py" in files
    assert len(files) <= MOST_FILES, "\n".join(files)
