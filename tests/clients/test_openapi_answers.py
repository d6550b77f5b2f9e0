"""What the server answers has the schema that OpenAPI tells those who generate clients."""

import json
from typing import Any
from urllib.parse import quote

import jsonschema_rs
import pytest
from tests.clients.conftest import Server

from gerance.kernel.odata.describe.examples import call, example_queries
from gerance.kernel.odata.edm import EntityType
from gerance.odata_service import MODEL

POWER_QUERY = (
    "application/json;odata.metadata=minimal;q=1.0,application/json;odata=minimalmetadata;q=0.9,"
    "application/atomsvc+xml;q=0.8,application/atom+xml;q=0.8,application/xml;q=0.7,text/plain;q=0.7"
)


@pytest.fixture(scope="module")
def document(server: Server) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(server.get("/openapi.json"))
    return found


def closed(document: dict[str, Any], path: str) -> dict[str, Any]:
    """The schema of the answers at a path; what it does not name is wrong."""
    answer = document["paths"][path]["get"]["responses"]["200"]
    schemas = {
        name: schema | {"additionalProperties": False} if "properties" in schema else schema
        for name, schema in document["components"]["schemas"].items()
    }
    schema: dict[str, Any] = answer["content"]["application/json"]["schema"]
    return schema | {"components": {"schemas": schemas}}


@pytest.mark.parametrize("entity", MODEL.sets.values(), ids=lambda entity: entity.set_name)
def test_entities_fit_their_schema(
    entity: EntityType, document: dict[str, Any], server: Server
) -> None:
    validator = jsonschema_rs.validator_for(
        closed(document, f"/api/{entity.set_name}"), validate_formats=True
    )
    asked = [
        f"{entity.set_name}?$top=200",
        *(each.url for each in example_queries(MODEL, entity)[:-1]),
    ]
    for url in asked:
        validator.validate(json.loads(server.get(f"/api/{url}")))


def test_what_a_function_answers_fits_its_schema(document: dict[str, Any], server: Server) -> None:
    schema = closed(document, "/api/Units/ForRent")
    units = MODEL.types["Unit"]
    url = call(units, MODEL.functions["Unit"]["forrent"]).url
    answer = json.loads(server.get(f"/api/{url}"))
    assert answer["value"]
    jsonschema_rs.validator_for(schema, validate_formats=True).validate(answer)


def test_power_query_gets_what_it_asks_for(server: Server) -> None:
    """The headers are those that Excel and Power BI send."""
    headers = {"Accept": POWER_QUERY, "OData-MaxVersion": "4.0"}
    sets = json.loads(server.get("/api/", **headers))
    assert {each["kind"] for each in sets["value"]} == {"EntitySet"}
    metadata = server.get("/api/$metadata", Accept="application/xml", OData_MaxVersion="4.0")
    assert metadata.startswith(b"<?xml")
    query = "$filter=" + quote("OccupancyStatus eq 'V'") + "&$select=UnitCode&$top=1000"
    answer = json.loads(server.get(f"/api/Units?{query}", **headers))
    assert set(answer["value"][0]) == {"@odata.etag", "@odata.id", "UnitCode"}
