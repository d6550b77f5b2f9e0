"""The questions: as OData, as the statement that the server sends, and as GraphQL."""

import json
from dataclasses import dataclass
from urllib.parse import quote

from gerance.kernel.odata.access import EVERYTHING
from gerance.kernel.odata.compiler import Compiler, QueryKey
from gerance.kernel.odata.edm import EntityType
from gerance.kernel.odata.sql.statements import Statement
from gerance.kernel.odata.sql.style import Style
from gerance.odata_service import MODEL

PAGE = 50_000
"""Entities of one answer, as the settings have it by default: more than any of these has."""


@dataclass(frozen=True)
class Question:
    """`rows`: entities answered, those expanded beside them; `path`: below the root, as sent;
    `graphql`: the same rows and fields asked of PostGraphile; `orm`: the path there, if any."""

    name: str
    label: str
    path: str
    graphql: str
    rows: tuple[int, int]
    orm: str | None = None

    @property
    def long(self) -> bool:
        """Whether an answer takes so long that few of them say enough."""
        return self.rows[1] > 10_000

    def statement(self) -> Statement:
        """What the server sends for an integrator who sees everything."""
        resource, _, query = self.path.partition("?")
        style = Style(root="http://bench/api/", namespace=MODEL.namespace)
        asked = QueryKey(EVERYTHING.key, resource, query, style, PAGE)
        statement = Compiler(MODEL).compile(asked, EVERYTHING).statement
        assert statement is not None
        return statement

    def graphql_body(self) -> bytes:
        return json.dumps({"query": self.graphql}).encode()


def _odata(text: str) -> str:
    return quote(text, safe="?$&=(),;'")


def _fields(set_name: str, *names: str) -> str:
    """The fields of a set in GraphQL, all unless some are named, called as OData calls them."""
    entity = MODEL.entity_set(set_name)
    assert isinstance(entity, EntityType)
    found = names or tuple(each.name for each in entity.properties)
    return " ".join(f"{name}: {_graphql_name(name)}" for name in found)


def _graphql_name(name: str) -> str:
    return "rowId" if name == "Id" else name[0].lower() + name[1:]


_BUILDING, _UNIT, _TENANT = _fields("Buildings"), _fields("Units"), _fields("Tenants")
_FIVE = _fields("Buildings", "Id", "CompanyNo", "DivisionNo", "BuildingCode", "Name")
_FOUR = _fields("Buildings", "CompanyNo", "DivisionNo", "BuildingCode", "Id")
_ROOMS = _fields("Units", "Id", "UnitCode", "NumberOfRooms")
_WITH_UNITS = f"{{ {_BUILDING} Units: unitsByBuildingIdList {{ {_UNIT} }} }}"
_PLACE = "companyNo: 3, divisionNo: 1"

QUESTIONS = (
    Question(
        "a",
        "Buildings, five properties",
        _odata("Buildings?$Select=Id,CompanyNo,DivisionNo,BuildingCode,Name"),
        f"{{ allBuildingsList {{ {_FIVE} }} }}",
        (2000, 0),
        "/buildings/names",
    ),
    Question(
        "b",
        "Units of one building",
        _odata("Units?$filter=CompanyNo eq 3 and DivisionNo eq 1 and BuildingCode eq '1000PINS'"),
        f'{{ allUnitsList(condition: {{{_PLACE}, buildingCode: "1000PINS "}}) {{ {_UNIT} }} }}',
        (14, 0),
        "/units?company_no=3&division_no=1&building_code=1000PINS%20",
    ),
    Question(
        "c",
        "Buildings, ordered",
        _odata("Buildings?$orderby=CompanyNo, DivisionNo, Name"),
        "{ allBuildingsList(orderBy: [COMPANY_NO_ASC, DIVISION_NO_ASC, NAME_KEY_ASC])"
        f" {{ {_BUILDING} }} }}",
        (2000, 0),
        "/buildings",
    ),
    Question(
        "d",
        "Tenants, the first 10",
        _odata("Tenants?$top=10"),
        f"{{ allTenantsList(first: 10) {{ {_TENANT} }} }}",
        (10, 0),
        "/tenants?limit=10",
    ),
    Question(
        "e100",
        "100 Buildings with their Units",
        _odata("Buildings?$top=100&$expand=Units"),
        f"{{ allBuildingsList(first: 100) {_WITH_UNITS} }}",
        (100, 1977),
        "/buildings/units?limit=100",
    ),
    Question(
        "e",
        "all Buildings with their Units",
        _odata("Buildings?$expand=Units"),
        f"{{ allBuildingsList {_WITH_UNITS} }}",
        (2000, 40_000),
        "/buildings/units",
    ),
    Question(
        "f",
        "the combined one",
        _odata(
            "Buildings?$Select=CompanyNo, DivisionNo, BuildingCode, Id, Units"
            "&$expand=Units($select=Id,UnitCode,NumberOfRooms) &$orderby=BuildingCode"
            "&$filter=CompanyNo eq 3 and DivisionNo eq 1"
        ),
        f"{{ allBuildingsList(condition: {{{_PLACE}}}, orderBy: BUILDING_CODE_ASC)"
        f" {{ {_FOUR} Units: unitsByBuildingIdList {{ {_ROOMS} }} }} }}",
        (289, 5925),
    ),
)
