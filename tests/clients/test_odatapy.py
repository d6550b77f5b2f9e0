"""odatapy of PyPI, whose client types each value by `$metadata`."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from odatapy.client import (
    BearerAuth,
    EdmEnabledODataClient,
    Field,
    HttpxTransport,
    ODataClientError,
    OrderBy,
)
from tests.clients.conftest import Server

from gerance.odata_service import MODEL


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[EdmEnabledODataClient]:
    transport = HttpxTransport(auth=BearerAuth(server.token))
    yield EdmEnabledODataClient(f"{server.url}/api", transport)
    transport.close()


def test_it_reads_the_service_document_and_every_set(client: EdmEnabledODataClient) -> None:
    names = {each.set_name for each in MODEL.sets.values()}
    assert set(client.get_service_document().entity_sets) == names
    for name in names:
        assert client.get_entity_set(client.entity_set_uri(name).top(3)).entities


def test_it_filters_sorts_expands_and_pages(client: EdmEnabledODataClient, server: Server) -> None:
    vacant = client.entity_set_uri("Units").filter(Field("OccupancyStatus").eq("V"))
    count = client.get_count(client.entity_set_uri("Units").append_count_segment())
    assert count == int(server.get("/api/Units/$count"))
    top = vacant.expand("Building").orderby(OrderBy().desc("BaseRent")).top(5)
    units = client.get_entity_set(top).entities
    rents = [unit.get_value("BaseRent") for unit in units]
    assert rents == sorted(rents, reverse=True)
    assert isinstance(rents[0], Decimal)
    buildings = [unit.get_navigation_link("Building").inline_entity for unit in units]
    assert [each.get_value("Id") for each in buildings] == [
        unit.get_value("BuildingId") for unit in units
    ]
    everything = list(client.iter_entities(client.entity_set_uri("Tenants")))
    assert len(everything) == int(server.get("/api/Tenants/$count"))


def test_it_creates_changes_and_deletes(client: EdmEnabledODataClient) -> None:
    fields = {"ServiceCode": "ODPY", "Name": "Cave", "DefaultAmount": Decimal("12.50")}
    created = client.create_entity("Services", fields)
    one = client.entity_uri("Services", created.get_value("Id"))
    client.update_entity(one, {"Name": "Cave à vin"}, etag=created.etag)
    patched = client.get_entity(one)
    assert patched.get_value("Name") == "Cave à vin"
    assert patched.get_value("DefaultAmount") == Decimal("12.5")
    with pytest.raises(ODataClientError) as stale:
        client.update_entity(one, {"Name": "Garage"}, etag=created.etag)
    assert stale.value.status_code == 412
    patched.set_property("DefaultAmount", Decimal(20))
    client.update_entity(one, patched, method="PUT", etag=patched.etag)
    replaced = client.get_entity(one)
    assert replaced.get_value("Name") == "Cave à vin"
    assert replaced.get_value("DefaultAmount") == 20
    client.delete_entity(one, etag=replaced.etag)
    with pytest.raises(ODataClientError) as absent:
        client.get_entity(one)
    assert (absent.value.status_code, absent.value.error_code) == (404, "NotFound")
