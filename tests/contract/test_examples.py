"""Every published example of the three editions, tried on the real server.

Requests are sent and accepted as printed; queries are answered; answers, events and models fit the
shapes that this server gives. What the product does not have yet is in LATER, and nothing else.
"""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from tests.contract.examples import (
    EMPTY,
    EXAMPLES,
    MODELS,
    QUERIES,
    REQUESTS,
    RESPONSES,
    Example,
    Scene,
    status_of,
)
from tests.incidents.conftest import World
from tests.incidents.login import PASSWORD, new_login
from tests.incidents.test_published_answers import lacking

from gerance.incidents import messages
from gerance.incidents import values as shared
from gerance.incidents.companies import values as companies
from gerance.incidents.patrimony_contacts import values as contacts
from gerance.incidents.routes import ENDPOINTS
from gerance.incidents.tickets import shapes
from gerance.incidents.tickets import values as tickets
from gerance.incidents.users.views import UserQueryView
from gerance.kernel.http.paths import normal_path
from gerance.kernel.http.ranges import Range
from gerance.kernel.wire import DateTime, LocalDate, SafeUUID, convert, decode, encode

LATER_COMMANDS = {
    "CancelCompany",
    "ReactiveCompany",
    "UpgradeCompanyToPremiumAccount",
    "UpgradeCompanyToStandardAccount",
    "DowngradePremiumAccount",
    "CancelClientAccount",
    "ReactiveClientAccount",
    "ClientAccountCanceled",
    "DeleteAgency",
    "ReferenceBuilding",
    "DefineInterventionPeriod",
    "AddContact",
    "QualifySimplifiedRequest",
}
"""Commands that a later release has."""
LATER_ROUTES = (
    "/buildings",
    "/patrimonymanagers",
    "providercontacts/:contact_uid/stats",
    "providercontacts/suggest",
    "simplifiedrequests",
    "additionalinfos",
)
"""Resources that a later release has."""
LATER_MODELS = {
    "DateTimePeriod",
    "WeekDaysPeriod",
    "SpecificDaysPeriod",
    "AllDayLong",
    "HourPeriods",
    "PatrimonyContractor",
    "ProviderContactContract",
}
"""Models of commands that a later release has."""

UNUSABLE = {
    ("Get Agencies of a Company", "response"): "prints a company",
    ("Get Agencies of a ClientCompany", "response"): "prints a company",
    ("Create PatrimonyContact", "response"): "linkedWith is an object of an older union",
    ("Export bulk tickets", "response"): "an agency uid that is none",
}
"""Examples that are no use as they stand, and why."""


def is_later(example: Example) -> bool:
    route = example.route or ""
    if any(part in route for part in LATER_ROUTES):
        return True
    if example.kind == "request":
        untagged = isinstance(example.body, dict) and "deletedDate" in example.body
        return example.tag in LATER_COMMANDS or untagged
    if example.kind == "response" and isinstance(example.body, dict):
        events = example.body.get("events", [example.body])
        return any(event.get("eventType") in _LATER_EVENTS for event in events)
    return example.kind == "model" and example.model in LATER_MODELS


_LATER_EVENTS = {"ContactAdded"}

LATER = {each.name: "later" for each in EXAMPLES if is_later(each)}
"""The examples of what the product does not have yet. One that works is removed from the lists."""


def present(examples: list[Example]) -> Any:
    """A parameter for each example that the product has, by its name."""
    return pytest.mark.parametrize(
        "example", [pytest.param(each, id=each.name) for each in examples if not is_later(each)]
    )


@pytest.fixture(scope="module")
def scene(world: World) -> Scene:
    return Scene(world)


def send(scene: Scene, example: Example, body: Any) -> Any:
    assert example.route is not None
    user = scene.world.operator_user if "tickets" in example.route else scene.world.root
    if example.edition == "2016" and "providercontacts" in example.route.lower():
        user = scene.world.operator_user
    method, path = example.route.split(" ")[0], scene.path(example, example.body)
    if "/agencies" in example.route and "/agencies" not in path and method == "PATCH":
        path = f"{path}/agencies/{scene.world.agency}"
    headers = user._headers
    return scene.world.http.request(method, path, json=body, headers=headers)


@present([each for each in REQUESTS if not (each.route or "").endswith("login")])
def test_a_request_is_accepted(example: Example, scene: Scene) -> None:
    answer = send(scene, example, scene.body(example))

    assert answer.status_code == status_of(example), answer.text


@present([each for each in REQUESTS if (each.route or "").endswith("login")])
def test_a_log_in_answers_as_printed(example: Example, scene: Scene) -> None:
    body = {**example.body, "login": new_login(scene.world), "password": PASSWORD}

    assert example.route is not None
    answer = scene.world.http.post(example.route.split(" ")[1], json=body)

    assert answer.status_code == 200
    assert answer.headers["Cookie"].startswith("PI_SESSION=")
    assert answer.headers["Set-Cookie"].startswith(answer.headers["Cookie"])
    whole = {"Cookie": answer.headers["Set-Cookie"], "Content-Type": "application/json"}
    assert scene.world.http.get("/api/v1/clientcompanies", headers=whole).status_code == 200


@present(QUERIES)
def test_a_query_is_answered(example: Example, scene: Scene) -> None:
    user = scene.world.root
    path, params = scene.path(example), scene.query(example)

    answer = scene.world.http.get(path, params=params, headers=user._headers)

    assert answer.status_code in (200, 206), answer.text


def answer_type(example: Example) -> Any:
    """What this server declares to answer at the route."""
    assert example.route is not None
    method, path = example.route.split(" ")
    parts = normal_path(path).split("/")
    for endpoint in ENDPOINTS:
        own = normal_path(endpoint.path).split("/")
        if endpoint.method == method and len(own) == len(parts):
            pairs = zip(own, parts, strict=True)
            if all(a == b or (a[:1], b[:1]) == ("{", ":") for a, b in pairs):
                return next(iter(endpoint.answers.values()))
    raise AssertionError(example.route)


def in_our_form(body: Any) -> Any:
    """An example of a ticket with the form of 2020 where 2017's differs, or the slip of 2020's."""
    for each in body.get("result", [body]) if isinstance(body, dict) else ():
        caller = each.get("caller") if isinstance(each, dict) else None
        if isinstance(caller, dict) and isinstance(medium := caller.get("medium"), dict):
            identifiers = medium["identifier"]
            identifiers = identifiers if isinstance(identifiers, list) else [identifiers]
            caller["medium"] = [{**medium, "identifier": each} for each in identifiers]
    return body


def filled(kind: Any, body: Any) -> Any:
    """What the type makes of an example, with what only later editions have where it is needed."""
    for _ in range(40):
        try:
            return decode(dict, encode(convert(body, kind)))
        except msgspec.ValidationError as invalid:
            name = str(invalid).partition("required field `")[2].partition("`")[0]
            if name not in MADE_UP:
                raise
            _put(body, str(invalid).rpartition("`$")[2].rstrip("`"), name)
    raise AssertionError(body)


MADE_UP: dict[str, Any] = {
    "agencies": [],
    "ref": "R",
    "openingTicketPurpose": {"callPurpose": "?"},
    "callPurpose": "?",
    "lotNumber": "34",
    "status": "AddressIsVerified",
    "medium": {"phone": "0", "contactMediumType": "Phone"},
    "linkedEntities": {
        "agencies": [],
        "clientCompany": {"uid": "0" * 8 + "-0000" * 3 + "-" + "0" * 12, "name": "?"},
    },
    "dates": {"created": "2016-05-26T08:14:44.000Z", "updated": "2016-05-26T08:14:44.000Z"},
    "stats": {},
    "updatedFields": [],
    "aggregations": {
        name: []
        for name in (
            "status",
            "agencies",
            "callPurposes",
            "locations",
            "interventions",
            "providers",
        )
    },
    "_links": [],
    "companyUid": "00000000-0000-0000-0000-000000000000",
}
"""Members that our answers always have and some printed ones lack, with a value."""


def _put(body: Any, path: str, name: str) -> None:
    inside = body
    for step in path.replace("[", ".[").split(".")[1:]:
        inside = inside[0] if step.startswith("[") else inside[step]
    inside[name] = MADE_UP[name]


@present([each for each in RESPONSES if (each.source.split(" ", 1)[1], each.kind) not in UNUSABLE])
def test_an_answer_fits_the_shape_of_ours(example: Example) -> None:
    body = in_our_form(decode(dict, encode(example.body)))
    is_event = "eventType" in body
    printed = decode(dict, encode({"events": [body]} if is_event else body))

    ours = filled(answer_type(example), {"events": [body]} if is_event else body)

    assert lacking(printed, ours) == []


CLASSES: dict[str, Any] = {
    cls.__name__: cls
    for module in (tickets, contacts, companies, shapes, shared, messages)
    for cls in vars(module).values()
    if isinstance(cls, type) and issubclass(cls, msgspec.Struct)
}
RENAMED: dict[str, Any] = {
    **dict.fromkeys(("SuperUser", "ClientAccountManager", "Executive"), UserQueryView),
    **dict.fromkeys(("CallCenterUser", "CallCenterUser OR CallCenterOperator"), UserQueryView),
    **dict.fromkeys(("PatrimonyManager", "PatrimonyUser"), UserQueryView),
    "Map": dict[str, str],
    "RestNavigationLink": messages.Link,
    "NestedTermAggregation": shapes.TermAggregation,
    "GooglePlaceIdChecker": companies.AddressChecker,
    "DataGouvAPIIdChecker": companies.AddressChecker,
    "PatrimonyAddressReference": contacts.ContactAddress,
    "Agency": companies.RawAgency,
    "Address": shared.BasicAddress,
    "ServiceOrder": shapes.ServiceOrderView,
    "AutomatonCaller": shared.CallerType,
    "Name": shared.Name,
    "LocationReference": shared.LocationReference,
    "Operator": shared.Operator,
    "CallerType": shared.CallerType,
    "Persona": shared.Persona,
    "ContactMedium": shared.ContactMedium,
    "Provider": shared.Provider,
    "ProviderAssignationPurpose": tickets.ProviderAssignationPurpose,
    "SafeUUID": SafeUUID,
    "DateTime": DateTime,
    "LocalDate": LocalDate,
}


def model(example: Example) -> Any:
    name = example.model
    if isinstance(example.body, dict) and "contactInfoType" in example.body:
        name = f"{name}Info"
    return RENAMED.get(name) or CLASSES[name]


SPELLED_OTHERWISE = {"name": "value", "fax": "mail", "number": "street"}
"""Members that are read under another name than the one we answer with."""


def lost(printed: Any, ours: Any) -> Iterator[str]:
    for path in lacking(printed, ours):
        name = path.rpartition(".")[2]
        if SPELLED_OTHERWISE.get(name, "-") not in ours and "name.name" not in path:
            yield path


@present(MODELS)
def test_a_model_is_read_whole(example: Example) -> None:
    body = example.body
    if isinstance(body, dict) and list(body) == ["ticket"]:
        body = body["ticket"]

    ours = decode(Any, encode(convert(body, model(example))))

    assert list(lost(body, ours)) == [] if isinstance(body, dict) else ours[:10] == body[:10]


@pytest.mark.parametrize("example", [pytest.param(each, id=each.name) for each in EMPTY])
def test_headers_of_ranges_are_those_printed(example: Example) -> None:
    printed = example.headers.get("Content-Range") if example.body is None else None
    if printed is None or "Accept-Range" not in example.headers:
        return
    span, count = printed.split("/")
    page = Range.parse(span, default=100, most=100)

    assert page.headers(int(count)) == example.headers
    assert page.status(int(count)) == example.status


def test_the_list_of_what_is_to_come_is_exact(scene: Scene) -> None:
    """One that works by now is removed from LATER_COMMANDS, LATER_ROUTES or LATER_MODELS."""
    working = [
        each.name
        for each in (*REQUESTS, *QUERIES)
        if is_later(each)
        and (
            send(scene, each, scene.body(each))
            if each.kind == "request"
            else scene.world.root.http.get(
                scene.path(each), params=scene.query(each), headers=scene.world.root._headers
            )
        ).status_code
        < 300
    ]
    tags = {each.tag for each in REQUESTS if isinstance(each.body, dict)}

    assert working == []
    assert tags >= LATER_COMMANDS
    assert not LATER_MODELS & CLASSES.keys()
    assert {each.model for each in MODELS} >= LATER_MODELS
    routes = [each.route or "" for each in EXAMPLES]
    assert all(any(part in route for route in routes) for part in LATER_ROUTES)
