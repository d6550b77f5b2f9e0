"""The requests that Microsoft.OData.Client 8 sends: its headers, and objects with all properties.

The tests send them without .NET.
"""

from collections.abc import Iterator

import httpx2
import pytest
from tests.clients.conftest import Server
from tests.waiting import PATIENCE

JSON = "application/json;odata.metadata=minimal"


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[httpx2.Client]:
    headers = {
        "Authorization": f"Bearer {server.token}",
        "OData-Version": "4.0",
        "OData-MaxVersion": "4.0",
        "Accept": JSON,
        "Accept-Charset": "UTF-8",
        "User-Agent": "Microsoft.OData.Client/8.4.4",
    }
    base = f"{server.url}/api/"
    with httpx2.Client(base_url=base, headers=headers, timeout=PATIENCE) as client:
        yield client


def test_it_reads_metadata_lists_counts_and_values(client: httpx2.Client) -> None:
    metadata = client.get("$metadata", headers={"Accept": "application/xml"})
    assert metadata.headers["content-type"].startswith("application/xml")
    query = {"$filter": "OccupancyStatus eq 'V'", "$expand": "Building", "$top": "2"}
    units = client.get("Units", params={**query, "$count": "true"})
    assert units.headers["odata-version"] == "4.0"
    assert all("@odata.etag" in unit for unit in units.json()["value"])
    count = client.get("Units/$count", headers={"Accept": "text/plain"}, params={
        "$filter": "OccupancyStatus eq 'V'"})  # fmt: skip
    assert count.headers["content-type"].startswith("text/plain")
    assert int(count.text) == units.json()["@odata.count"] > 2
    value = client.get("Buildings(1)/Name/$value", headers={"Accept": "text/plain"})
    assert value.text == client.get("Buildings(1)").json()["Name"]
    absent = client.get("Buildings(999999)/Name/$value", headers={"Accept": "text/plain"})
    assert absent.json()["error"]["code"] == "NotFound"


def test_it_creates_changes_and_deletes_whole_objects(client: httpx2.Client) -> None:
    whole = {
        "@odata.type": "#Gerance.Service",
        "Active": True,
        "DefaultAmount@odata.type": "#Decimal",
        "DefaultAmount": 12.5,
        "Id": 0,
        "ModifiedAt@odata.type": "#DateTimeOffset",
        "ModifiedAt": "0001-01-01T00:00:00Z",
        "Name": "Cave",
        "ServiceCode": "MSCL",
        "Taxable": True,
    }
    headers = {"Content-Type": JSON, "Prefer": "return=representation"}
    created = client.post("Services", json=whole, headers=headers)
    assert created.status_code == 201
    assert (created.json()["Name"], created.json()["Id"] > 0) == ("Cave", True)
    location, etag = created.headers["location"], created.json()["@odata.etag"]

    changed = whole | {"Id": created.json()["Id"], "Name": "Cave à vin"}
    minimal = {"Content-Type": JSON, "If-Match": etag}
    assert client.patch(location, json=changed, headers=minimal).status_code == 204
    stale = client.patch(location, json=changed | {"Name": "Garage"}, headers=minimal)
    assert stale.status_code == 412
    stored = client.get(location).json()
    assert (stored["Name"], stored["DefaultAmount"]) == ("Cave à vin", 12.5)

    lease = client.get("Tenants", params={"$top": "1", "$select": "Id"}).json()["value"][0]
    link = client.post("TenantServices", headers=headers, json={
        "@odata.type": "#Gerance.TenantService",
        "Tenant@odata.bind": str(client.base_url.join(f"Tenants({lease['Id']})")),
        "Service@odata.bind": location,
        "StartDate@odata.type": "#Date",
        "StartDate": "2031-01-01",
        "Amount@odata.type": "#Decimal",
        "Amount": 10,
    })  # fmt: skip
    assert link.status_code == 201, link.text
    assert link.json()["TenantId"] == lease["Id"]
    assert client.delete(link.headers["location"]).status_code == 204
    assert client.delete(location, headers={"If-Match": stored["@odata.etag"]}).status_code == 204
    assert client.get(location).status_code == 404
