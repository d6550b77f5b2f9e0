"""`range` on every collection of the API, as `protocol.ranges` of the contract says."""

import re
from typing import Any

import httpx2
import pytest
from tests.app import in_patrimony, new_uid, open_ticket, phone, provider_contact
from tests.incidents.conftest import ADDRESS, DAY, SIRET, User, World, refusal

from gerance.app import endpoints

COLLECTIONS = [
    endpoint.path
    for endpoint in endpoints()
    if endpoint.method == "GET" and any(query.name == "range" for query in endpoint.query)
    if endpoint.path != "/api/v1/tickets/stats"
]
ALWAYS = "from=2000-01-01T00:00:00Z&to=2100-01-01T00:00:00Z"


class Shelf:
    """A collection of the API, for a user."""

    def __init__(self, world: World, path: str) -> None:
        uids = {"company_uid": world.company}
        if path.endswith("/subsidiaries"):
            uids = {"company_uid": world.holding}
        self.path = re.sub(r"{(\w+)}", lambda found: uids[found[1]], path)
        self.window = f"&{ALWAYS}" if path == "/api/vEvent/tickets" else ""

    def ask(self, user: User, wanted: str | None) -> httpx2.Response:
        span = "" if wanted is None else f"range={wanted}"
        url = f"{self.path}?{span}{self.window}"
        return user.http.get(url, headers=user._headers)

    def elements(self, answer: httpx2.Response) -> list[Any]:
        body = answer.json()
        if isinstance(body, dict):
            body = body["events" if "events" in body else "result"]
        assert isinstance(body, list)
        return body


@pytest.fixture(scope="module")
def stocked(world: World) -> World:
    """The world with a hundred and five tickets and at least two of everything else."""
    root = world.root
    for _ in range(105):
        open_ticket(root, in_patrimony(world.patrimony))
    for nth, siret in enumerate((SIRET, "35600000000048", "73282932000082")):
        name = {"value": f"Numéro {nth}", "nameType": "PoorName"}
        world.account(f"Filiale {nth}", holdingReference=world.holding)
        world.new_agency(world.company, f"Agence {nth}")
        world.new_patrimony(f"P-10{nth}", world.agency)
        provider_contact(root, world.company, f"Fournisseur {nth}")
        at_home = {"patrimonyUid": world.patrimony, "linkType": "LinkToPatrimonyAsCareTaker"}
        for path, kind, fields in (
            (
                "users",
                "ReferenceClientAccountManager",
                {
                    "companyUid": world.company,
                    "firstName": "Zoé",
                    "lastName": f"Chef {nth}",
                    "login": new_uid(),
                },
            ),
            (
                "operators",
                "ReferenceOperator",
                {"callCenterUid": world.center, "lastName": f"Opérateur {nth}"},
            ),
            (
                "providercompanies",
                "ReferenceProviderCompany",
                {"name": f"Fournisseur {nth}", "siretNumber": siret},
            ),
            (
                "lots",
                "ReferenceLot",
                {
                    "ref": f"L-{nth}",
                    "lotNumber": f"{nth}",
                    "patrimonyUid": world.patrimony,
                    "addresses": [ADDRESS],
                    "usage": "Apartment",
                },
            ),
            (
                "patrimonycontacts",
                "ReferencePatrimonyContact",
                {"name": name, "contacts": [phone()], "linkedWithEntities": [at_home]},
            ),
        ):
            root.created(path, kind, **fields)
    return world


@pytest.fixture(scope="module")
def newcomer(world: World) -> User:
    """A user of a call centre that serves nobody yet."""
    center = world.root.created(
        "clientcompanies", "CreateCallCenter", createdDate=DAY, name="Centre neuf"
    )
    return world.login("callCenterUser", center)


def spans(answer: httpx2.Response) -> tuple[int, str, int]:
    assert int(answer.headers["Accept-Range"]) > 0
    span, count = answer.headers["Content-Range"].split("/")
    return answer.status_code, span, int(count)


@pytest.mark.parametrize("path", COLLECTIONS)
def test_a_range_gives_that_part(path: str, stocked: World) -> None:
    shelf, user = Shelf(stocked, path), stocked.root
    _, _, count = spans(shelf.ask(user, None))
    most = int(shelf.ask(user, None).headers["Accept-Range"])
    assert most == (20_000 if path.endswith("/export") else 100)
    assert count > 1
    for first, last in (
        (0, 0),
        (0, 99),
        (0, count - 1),
        (1, 3),
        (count - 1, count + 50),
        (0, 99999),
    ):
        answer = shelf.ask(user, f"{first}-{last}")
        held = max(0, min(last - first + 1, most, count - first))
        span = f"{first}-{first + held - 1}" if held else f"{first}-{first}"
        assert spans(answer) == (200 if held == count else 206, span, count)
        assert len(shelf.elements(answer)) == held


@pytest.mark.parametrize("path", COLLECTIONS)
def test_a_first_past_the_end_gives_nothing(path: str, stocked: World) -> None:
    shelf, user = Shelf(stocked, path), stocked.root
    _, _, count = spans(shelf.ask(user, None))
    for first in (count, count + 7, 10**14):
        answer = shelf.ask(user, f"{first}-{first + 20}")
        assert spans(answer) == (206, f"{first}-{first}", count)
        assert shelf.elements(answer) == []


NEVER_EMPTY = ("clientcompanies", "providercompanies")
EMPTY = [path for path in COLLECTIONS if "{" not in path and not path.endswith(NEVER_EMPTY)]
"""Collections that may be empty: not one's own company, nor what belongs to nobody."""


@pytest.mark.parametrize("path", EMPTY)
@pytest.mark.parametrize("wanted", [None, "0-0", "0-99", "5-9"])
def test_a_collection_may_be_empty(
    path: str, wanted: str | None, stocked: World, newcomer: User
) -> None:
    shelf = Shelf(stocked, path)
    answer = shelf.ask(newcomer, wanted)
    assert spans(answer) == (200, "0-0", 0)
    assert shelf.elements(answer) == []


@pytest.mark.parametrize("path", COLLECTIONS)
@pytest.mark.parametrize("wanted", ["1", "a-b", "-1-2", "1-", "-1", "1-2-3", "3-2", "0,9", "٠-١"])
def test_a_malformed_or_reversed_range_is_refused(path: str, wanted: str, stocked: World) -> None:
    assert refusal(Shelf(stocked, path).ask(stocked.root, wanted)) == "BadRequest"


@pytest.mark.parametrize("path", COLLECTIONS)
@pytest.mark.parametrize("size", [1, 7])
def test_pages_laid_together_are_the_collection(path: str, size: int, stocked: World) -> None:
    shelf, user = Shelf(stocked, path), stocked.root
    whole = shelf.elements(shelf.ask(user, "0-24"))
    paged: list[Any] = []
    for first in range(0, 25, size):
        paged += shelf.elements(shelf.ask(user, f"{first}-{min(first + size, 25) - 1}"))
    assert paged == whole
    assert len({str(element) for element in whole}) == len(whole)


def test_a_published_client_s_walk_ends_at_the_end(stocked: World) -> None:
    """It asks 0-0 first, then a hundred at a time, past the end too."""
    shelf, user = Shelf(stocked, "/api/v1/tickets"), stocked.root
    _, _, count = spans(shelf.ask(user, "0-0"))
    found: list[Any] = []
    for first in range(0, count, 100):
        found += shelf.elements(shelf.ask(user, f"{first}-{first + 99}"))
    assert len({ticket["uid"] for ticket in found}) == len(found) == count == 105
