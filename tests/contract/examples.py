"""The published examples of the three editions, as data, and how each is tried on a server."""

import json
import re
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from tests.app import new_uid, provider_contact
from tests.contract.stage import Stage
from tests.incidents.conftest import SIRET, World

Wire = dict[str, Any]


class Example(NamedTuple):
    """One entry of the file; `number`: its place there."""

    number: int
    edition: str
    source: str
    kind: str
    route: str | None
    body: Any
    path: str | None
    status: int | None
    headers: Wire
    notes: str
    model: str

    @property
    def name(self) -> str:
        """What a test is called: the example's place, edition and source."""
        return f"{self.number:03} {self.edition} {self.source} {self.kind}"

    @property
    def tag(self) -> str:
        """The tag of a command or an event."""
        if not isinstance(self.body, dict):
            return ""
        tags = ("commandType", "eventType", "companyEventType")
        return next((self.body[name] for name in tags if name in self.body), "untagged")


def _read() -> list[Example]:
    path = Path(__file__).with_name("incident-examples.json")
    optional: Wire = {
        "route": None,
        "path": None,
        "status": None,
        "headers": {},
        "notes": "",
        "model": "",
    }
    entries = json.loads(path.read_text("utf-8"))
    return [
        Example(number=nth, **{"body": None, **optional, **entry})
        for nth, entry in enumerate(entries)
    ]


EXAMPLES = _read()
REQUESTS = [each for each in EXAMPLES if each.kind == "request" and each.route and each.body]
RESPONSES = [each for each in EXAMPLES if each.kind == "response" and each.route and each.body]
QUERIES = [each for each in EXAMPLES if each.kind == "query"]
MODELS = [each for each in EXAMPLES if each.kind == "model"]
EMPTY = [each for each in EXAMPLES if each not in (*REQUESTS, *RESPONSES, *QUERIES, *MODELS)]
"""Statuses without a body, and the headers of ranges and sessions."""


def status_of(request: Example) -> int:
    """The status that the reference prints for a request, else the one of its method."""
    after = EXAMPLES[request.number + 1]
    if after.kind == "response" and after.route == request.route and after.status:
        return after.status
    assert request.route is not None
    return 201 if request.route.startswith("POST") and "login" not in request.route else 200


class Scene:
    """A world with everything that examples name, under uids of its own."""

    def __init__(self, world: World) -> None:
        self.world, self.stage = world, Stage(world)
        self.contact = provider_contact(world.root, world.company)
        self.provider_company = self.stage._uids["ReferencedProviderCompany.providerUid"]
        self.operator = self.stage._uids["operatorUid"]
        at_home = {"patrimonyUid": world.patrimony, "linkType": "LinkToPatrimonyAsCareTaker"}
        self.patrimony_contact = world.root.created(
            "patrimonycontacts",
            "ReferencePatrimonyContact",
            name={"value": "Gardienne", "nameType": "PoorName"},
            contacts=[{"phone": "0600000000", "contactInfoType": "Phone"}],
            linkedWithEntities=[at_home],
        )
        self.lot = world.root.created(
            "lots",
            "ReferenceLot",
            ref="L-1",
            lotNumber="1",
            patrimonyUid=world.patrimony,
            addresses=[{"street": "rue Haute", "zipCode": "69001", "city": "Lyon"}],
            usage="Apartment",
        )
        self.ticket, _ = self.stage.ticket()

    def path(self, example: Example, body: Wire | None = None) -> str:
        """The path of the example on this server."""
        assert example.route is not None
        path = example.path or example.route.split(" ")[1]
        route = example.route.split(" ")[1]
        parts = path.split("/") if path.count("/") >= 4 else route.split("/")
        body = body or {}
        named = {
            "tickets": self.ticket,
            "companies": self._company(example.tag if body else "", body),
            "clientcompanies": self._company(example.tag if body else "", body),
            "agencies": self.world.agency,
            "patrimonies": self.world.patrimony,
            "providercontacts": self.contact,
            "providercompanies": self.provider_company,
            "patrimonycontacts": self.patrimony_contact,
            "lots": self.lot,
            "users": self.world.operator_user.uid,
        }
        for nth, part in enumerate(parts[1:], 1):
            if part.startswith(":") or re.match(r"[0-9a-f]{8}-", part):
                parts[nth] = named.get(parts[nth - 1].lower(), new_uid())
        return "/".join(parts)

    def body(self, example: Example) -> Wire:
        """The body with the uids of this world; what creates something gets new ones."""
        body: Wire = self._own(json.loads(json.dumps(example.body)), "")
        if "siretNumber" in body:
            body["siretNumber"] = SIRET
        if "login" in body:
            body["login"] = f"{new_uid()}@example.org"
        updates = (example.route or "").endswith("/:agency_uid") or "updatedDate" in body
        if isinstance(agency := body.get("agency"), dict) and not updates:
            agency["agencyUid"] = new_uid()
        if example.tag == "ReferencePatrimony" and "lotNumber" in body:
            # Unusable as printed: another's tag, no such usage, an address left out.
            address = {"street": "rue Haute", "zipCode": "69001", "city": "Lyon"}
            body |= {"commandType": "ReferenceLot", "usage": "Apartment", "addresses": [address]}
        if example.tag in ("AssociatePatrimonyInAgency", "AssociateProviderContactToAgency"):
            body["agencyUid"] = self.world.new_agency(self.world.company, "Agence de plus")
        if example.tag == "DissociatePatrimonyFromAgency":
            body["agencyUid"] = self.world.new_agency(self.world.company, "Agence de trop")
            self.world.root.events(
                f"patrimonies/{self.world.patrimony}",
                "AssociatePatrimonyInAgency",
                agencyUid=body["agencyUid"],
            )
        if example.tag == "AddComplementaryAddressToPatrimony":
            body["complementaryAddress"]["street"] += f" {example.number}"
        if example.tag == "RemoveComplementaryAddressFromPatrimony":
            (event,) = self.world.root.events(
                f"patrimonies/{self.world.patrimony}",
                "AddComplementaryAddressToPatrimony",
                complementaryAddress={"street": "rue Basse", "zipCode": "69001", "city": "Lyon"},
            )
            body["addressUid"] = event["complementaryAddress"]["uid"]
        if "targetedEvent" in body:
            self.ticket, body["targetedEvent"] = self.stage.ticket()
        if body.get("ref", "").startswith("#"):
            body["ref"] += new_uid()
        return body

    def query(self, example: Example) -> Wire:
        """The parameters of a query, with uids of this world for its placeholders."""
        pairs = parse_qsl(example.body, keep_blank_values=True)
        if "geolocation=latitude" in example.body:
            pairs = [("geolocation", "48.858398,2.294524,150")]
        if (example.route or "").endswith("vEvent/tickets"):
            window = {"from": "2015-10-01T05:30:59.000Z", "to": "2016-10-02T05:30:59.000Z"}
            pairs = [*pairs, *((k, v) for k, v in window.items() if k not in dict(pairs))]
        params: Wire = {}
        for name, value in pairs:
            params.setdefault(name, []).append(re.sub(r"\w+_uid\d?|other_uid", _uid, value))
        return params

    def _company(self, tag: str, body: Wire) -> str:
        world = self.world
        if tag == "IdentifyCompany":
            return world.account("Sans SIRET")
        if "CallCenter" in tag:
            return world.center
        return world.holding if "Holding" in tag else world.company

    def _own(self, value: Any, name: str) -> Any:
        if isinstance(value, list):
            return [self._own(each, name) for each in value]
        if isinstance(value, dict):
            members = {key: self._own(each, key) for key, each in value.items()}
            if members.get("assigneeType") == "ReferencedProviderCompany":
                members["providerUid"] = self.provider_company
            return members
        if name in ("processUid", "aggregateUid"):
            return new_uid()
        uids = {
            "holdingReference": self.world.holding,
            "callCenterReference": self.world.center,
            "callCenterUid": self.world.center,
            "agencyUid": self.world.agency,
            "agencyUids": self.world.agency,
            "managedAgencies": self.world.agency,
            "patrimonyUid": self.world.patrimony,
            "companyUid": self.world.company,
            "lotUid": self.lot,
            "operatorUid": self.operator,
            "userUid": self.world.operator_user.uid,
            "providerUid": self.contact,
        }
        return uids.get(name, value)


def _uid(_: re.Match[str]) -> str:
    return new_uid()
