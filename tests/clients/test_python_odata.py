"""python-odata of PyPI, which learns all that it knows from `$metadata`."""

from decimal import Decimal
from typing import Any

import pytest
import requests
from odata import ODataService
from odata.flags import ODataServerFlags
from tests.clients.conftest import Server

from gerance.odata_service import MODEL


@pytest.fixture(scope="module")
def service(server: Server) -> Any:
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {server.token}"
    return ODataService(
        f"{server.url}/api/",
        session=session,
        reflect_entities=True,
        quiet_progress=True,
        # Else it sends null for each property that has no value, whether that may be null or not.
        server_flags=ODataServerFlags(skip_null_properties=True),
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


def test_it_creates_changes_and_deletes(service: Any) -> None:
    services = service.entities["Services"]
    services.Id.is_computed_value = False  # python-odata 0.8 creates nothing with a computed key
    created = services()
    created.ServiceCode, created.Name, created.DefaultAmount = "PYOD", "Cave", Decimal("12.5")
    service.save(created)
    assert created.Id > 0
    created.Name = "Cave à vin"
    service.save(created)
    patched = service.query(services).get(created.Id)
    assert (patched.Name, patched.DefaultAmount) == ("Cave à vin", Decimal("12.5"))
    service.delete(patched)
    assert not list(service.query(services).filter(services.ServiceCode == "PYOD"))
