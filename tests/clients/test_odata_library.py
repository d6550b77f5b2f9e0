"""@sap_oss/odata-library of npm, which makes its methods from `$metadata`."""

import json
from typing import Any

import pytest
from tests.clients.conftest import Run, Server

from gerance.odata_service import MODEL

PROGRAM = """
const { Service } = require("@sap_oss/odata-library");
const [url, token] = process.argv.slice(1);
const headers = { Authorization: `Bearer ${token}` };
const service = new Service({ url, auth: { type: "headers", headers }, strict: true });
(async () => {
  await service.init;
  const sets = {};
  for (const [name, set] of Object.entries(service.entitySets)) {
    const rows = await set.top(3).get();
    sets[name] = { rows, count: await set.count() };
  }
  const vacant = await service.Units.filter("OccupancyStatus eq 'V'")
    .select("Id", "BaseRent").expand("Building").orderby("BaseRent desc").top(5).get();
  const building = await service.Buildings.get({ Id: vacant[0].Building.Id });
  console.log(JSON.stringify({ sets, vacant, building }));
})().catch((failure) => { console.error(failure); process.exit(1); });
"""


@pytest.fixture(scope="module")
def read(node: Run, server: Server) -> dict[str, Any]:
    done = node("-e", PROGRAM, f"{server.url}/api/", server.token)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_it_reads_every_set(read: dict[str, Any]) -> None:
    assert set(read["sets"]) == {each.set_name for each in MODEL.sets.values()}
    for name, found in read["sets"].items():
        entity = MODEL.entity_set(name)
        assert entity is not None
        assert len(found["rows"]) == min(3, found["count"]) > 0
        assert set(found["rows"][0]) >= {each.name for each in entity.properties}


def test_it_filters_selects_expands_and_finds_by_key(read: dict[str, Any]) -> None:
    rents = [unit["BaseRent"] for unit in read["vacant"]]
    assert rents == sorted(rents, reverse=True)
    assert set(read["vacant"][0]) >= {"Id", "BaseRent", "Building"}
    assert "UnitCode" not in read["vacant"][0]
    building = read["building"]
    assert building["Name"] == read["vacant"][0]["Building"]["Name"]
