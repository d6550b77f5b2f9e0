"""o.js and @odata/client of npm: what they read and what they change."""

import json
from typing import Any

import pytest
from tests.clients.conftest import Run, Server

O_JS = """
const { o } = require("o.js");
const [url, token] = process.argv.slice(1);
const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
const client = o(url, { headers });
(async () => {
  const units = await client.get("Units").query({
    $filter: "OccupancyStatus eq 'V'", $select: "Id,BaseRent,BuildingId",
    $orderby: "BaseRent desc", $expand: "Building($select=Id,Name)", $top: 5 });
  const count = await client.get("Units/$count").query();
  const building = await client.get(`Buildings(${units[0].BuildingId})`).query();
  const fields = { ServiceCode: "OJS", Name: "Cave", DefaultAmount: 12.5 };
  const created = await client.post("Services", fields).query();
  const path = `Services(${created.Id})`;
  await client.patch(path, { Name: "Cave à vin" }).query();
  const patched = await client.get(path).query();
  await client.put(path, { ...patched, DefaultAmount: 20 }).query();
  const replaced = await client.get(path).query();
  await client.delete(path).query();
  const absent = await client.get(path).query().catch((answer) => answer.status);
  console.log(JSON.stringify({ units, count, building, created, patched, replaced, absent }));
})().catch((failure) => { console.error(failure); process.exit(1); });
"""

ODATA_CLIENT = """
const { OData } = require("@odata/client");
const [url, token] = process.argv.slice(1);
const commonHeaders = { Authorization: `Bearer ${token}` };
const client = OData.New4({ serviceEndpoint: url, commonHeaders });
(async () => {
  const set = client.getEntitySet("Units");
  const vacant = client.newFilter().property("OccupancyStatus").eqString("V");
  const units = await set.query(client.newParam().filter(vacant).top(5)
    .select(["Id", "BaseRent", "BuildingId"]).expand("Building").orderby("BaseRent", "desc"));
  const count = await set.count();
  const building = await client.getEntitySet("Buildings").retrieve(units[0].BuildingId);
  const services = client.getEntitySet("Services");
  const fields = { ServiceCode: "ODC", Name: "Cave", DefaultAmount: 12.5 };
  const created = await services.create(fields);
  await services.update(created.Id, { Name: "Cave à vin" });
  const patched = await services.retrieve(created.Id);
  await services.update(created.Id, { ...patched, DefaultAmount: 20 });
  const replaced = await services.retrieve(created.Id);
  await services.delete(created.Id);
  const absent = await services.retrieve(created.Id).then(() => 200, () => 404);
  console.log(JSON.stringify({ units, count, building, created, patched, replaced, absent }));
})().catch((failure) => { console.error(failure); process.exit(1); });
"""


@pytest.fixture(scope="module", params=[O_JS, ODATA_CLIENT], ids=["o.js", "@odata/client"])
def run(request: pytest.FixtureRequest, node: Run, server: Server) -> dict[str, Any]:
    done = node("-e", request.param, f"{server.url}/api/", server.token)
    assert done.returncode == 0, done.stderr
    answers: dict[str, Any] = json.loads(done.stdout)
    return answers


def test_it_filters_sorts_expands_counts_and_finds_by_key(
    run: dict[str, Any], server: Server
) -> None:
    query = "/api/Units?$filter=OccupancyStatus%20eq%20'V'&$orderby=BaseRent%20desc&$top=5"
    expected = json.loads(server.get(query))["value"]
    assert [unit["Id"] for unit in run["units"]] == [unit["Id"] for unit in expected]
    assert [unit["BaseRent"] for unit in run["units"]] == [unit["BaseRent"] for unit in expected]
    assert all(unit["Building"]["Id"] == unit["BuildingId"] for unit in run["units"])
    assert int(run["count"]) == int(server.get("/api/Units/$count"))
    assert run["building"]["Name"] == run["units"][0]["Building"]["Name"]


def test_it_creates_changes_replaces_and_deletes(run: dict[str, Any]) -> None:
    created, patched, replaced = run["created"], run["patched"], run["replaced"]
    assert (created["Name"], created["DefaultAmount"]) == ("Cave", 12.5)
    assert patched["Id"] == replaced["Id"] == created["Id"]
    assert (patched["Name"], patched["DefaultAmount"]) == ("Cave à vin", 12.5)
    assert (replaced["Name"], replaced["DefaultAmount"]) == ("Cave à vin", 20)
    assert run["absent"] == 404
