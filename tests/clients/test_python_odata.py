"""python-odata of PyPI, which learns all that it knows from `$metadata`."""

from decimal import Decimal
from typing import Any

import pytest
import requests
from odata import ODataService
from tests.clients.conftest import Server

from gerance.odata_service import MODEL


@pytest.fixture(scope="module")
def service(server: Server) -> Any:
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {server.token}"
    return ODataService(
        f"{server.url}/api/", session=session, reflect_entities=True, quiet_progress=True
    )


def test_it_finds_every_set(service: Any) -> None:
    assert set(service.entities) == {each.set_name for each in MODEL.sets.values()}


@pytest.mark.parametrize("name", [each.set_name for each in MODEL.sets.values()])
def test_it_reads_a_whole_set_over_all_its_pages(name: str, service: Any, server: Server) -> None:
    entities = list(service.query(service.entities[name]))
    assert len(entities) == int(server.get(f"/api/{name}/$count")) > 0
    entity = MODEL.entity_set(name)
    assert entity is not None
    for declared in entity.keys:
        assert all(getattr(each, declared.name) is not None for each in entities)


def test_it_filters_sorts_expands_and_finds_by_key(service: Any) -> None:
    units = service.entities["Units"]
    query = service.query(units).filter(units.OccupancyStatus == "V").filter(units.BaseRent > 0)
    found = list(query.expand(units.Building).order_by(units.BaseRent.desc()).limit(5))
    rents = [unit.BaseRent for unit in found]
    assert rents == sorted(rents, reverse=True)
    assert isinstance(rents[0], Decimal)
    assert all(unit.Building.BuildingCode == unit.BuildingCode for unit in found)
    again = service.query(service.entities["Buildings"]).get(found[0].BuildingId)
    assert again.Name == found[0].Building.Name
