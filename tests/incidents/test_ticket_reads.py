"""Lists, exports and statistics of tickets: what their parameters find, and what is counted."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from tests.app import (
    assign,
    close,
    in_agency,
    in_patrimony,
    new_uid,
    open_ticket,
    provider_contact,
)
from tests.incidents.conftest import User, World, refusal
from tests.incidents.search_cases import COUNT, PARIS, Fits, Known, Town
from tests.living import sum_all_up


@pytest.fixture(scope="module")
def town(world: World) -> Town:
    return Town(world)


def pages(user: User, path: str, size: int, **query: Any) -> list[Any]:
    """All elements, page by page."""
    found: list[Any] = []
    while True:
        answer = user.read(path, range=f"{len(found)}-{len(found) + size - 1}", **query)
        assert answer.status_code in (200, 206), answer.text
        page = answer.json()["result"]
        found += page
        if not page or len(found) == int(answer.headers["Content-Range"].split("/")[1]):
            return found


def counted(tickets: list[Known]) -> dict[str, dict[str, int]]:
    """What the aggregations of these tickets must be."""
    return {
        "status": Counter("CLOSED" if it.closed else "OPENED" for it in tickets),
        "agencies": Counter(it.agency for it in tickets),
        "callPurposes": Counter(it.purpose for it in tickets),
        "locations": Counter(it.city for it in tickets),
        "interventions": Counter(str(it.intervention).lower() for it in tickets),
        "providers": Counter(it.provider for it in tickets if it.provider),
    }


def shown(aggregations: Any) -> dict[str, dict[str, int]]:
    for values in aggregations.values():
        counts = [it["count"] for it in values]
        assert counts == sorted(counts, reverse=True)
    return {
        name: {it["value"]: it["count"] for it in values} for name, values in aggregations.items()
    }


FILTERS: dict[str, tuple[Callable[[Town], dict[str, str]], Callable[[Town], Fits]]] = {
    "everything": (lambda t: {}, lambda t: lambda it: True),
    "an agency": (
        lambda t: {"agency": t.world.agency},
        lambda t: lambda it: it.agency == t.world.agency,
    ),
    "two agencies, in capitals": (
        lambda t: {"agency": f"{t.world.agency.upper()}, {t.world.other_agency}"},
        lambda t: lambda it: it.agency in (t.world.agency, t.world.other_agency),
    ),
    "an unknown agency": (lambda t: {"agency": new_uid()}, lambda t: lambda it: False),
    "opened": (lambda t: {"status": "OPENED"}, lambda t: lambda it: not it.closed),
    "closed": (lambda t: {"status": "CLOSED"}, lambda t: lambda it: it.closed),
    "a city without its accent": (
        lambda t: {"location": "saint-etienne"},
        lambda t: lambda it: it.city == "Saint-Étienne",
    ),
    "a city and a zip code": (
        lambda t: {"location": "évry,75001,marseille"},
        lambda t: lambda it: it.city in ("ÉVRY", "PARIS"),
    ),
    "purposes": (
        lambda t: {"callpurpose": "ELECTRICITE,oeuvres D'ART"},
        lambda t: lambda it: it.purpose in ("Électricité", "Œuvres d'art"),
    ),
    "providers": (
        lambda t: {"activeproviders": ",".join(t.providers)},
        lambda t: lambda it: it.provider is not None,
    ),
    "one provider": (
        lambda t: {"activeproviders": t.providers[1]},
        lambda t: lambda it: it.provider == t.providers[1],
    ),
    "an intervention": (lambda t: {"intervention": "true"}, lambda t: lambda it: it.intervention),
    "no intervention": (
        lambda t: {"intervention": "false"},
        lambda t: lambda it: not it.intervention,
    ),
    "the day that has 25 hours": (
        lambda t: {"from": "2025-10-26", "to": "2025-10-26"},
        lambda t: lambda it: it.day == "2025-10-26",
    ),
    "the day that has 23 hours": (
        lambda t: {"from": "2025-03-30", "to": "2025-03-30"},
        lambda t: lambda it: it.day == "2025-03-30",
    ),
    "from a day": (lambda t: {"from": "2025-10-27"}, lambda t: lambda it: it.day >= "2025-10-27"),
    "to a day": (lambda t: {"to": "2025-03-30"}, lambda t: lambda it: it.day <= "2025-03-30"),
    "all together": (
        lambda t: {
            "agency": t.world.agency,
            "status": "OPENED",
            "location": "paris,lyon 1er",
            "from": "2025-03-01",
            "to": "2025-12-31",
            "callpurpose": "chauffage,plomberie / fuite",
            "intervention": "false",
        },
        lambda t: (
            lambda it: (
                it.agency == t.world.agency
                and not it.closed
                and it.city in ("PARIS", "Lyon 1er")
                and it.purpose in ("Chauffage", "Plomberie / Fuite")
                and not it.intervention
            )
        ),
    ),
    "a word": (lambda t: {"fulltext": "electricite"}, lambda t: lambda it: it.purpose[0] == "É"),
    "words by comma and plus": (
        lambda t: {"fulltext": "PLOMBERIE,eglise saint"},
        lambda t: lambda it: it.purpose[0] == "P" and it.city[0] == "S",
    ),
    "a word that is nowhere": (lambda t: {"fulltext": "zzyzx"}, lambda t: lambda it: False),
}


@pytest.mark.parametrize("name", FILTERS)
def test_a_filter_finds_and_counts_what_it_says(name: str, town: Town) -> None:
    asked, fits = (part(town) for part in FILTERS[name])
    expected = town.fitting(fits)
    answer = town.user.read("tickets", **asked)
    assert answer.headers["Content-Range"].endswith(f"/{len(expected)}")
    assert shown(answer.json()["aggregations"]) == counted(expected)
    for path, size in (("tickets", 47), ("tickets/export", 20_000)):
        found = pages(town.user, path, size, **asked)
        assert [it["uid"] for it in found] == [it.uid for it in expected]


def test_no_filter_is_idle(town: Town) -> None:
    sizes = {name: len(town.fitting(fits(town))) for name, (_, fits) in FILTERS.items()}
    nothing = {name for name, size in sizes.items() if size == 0}
    assert nothing == {"an unknown agency", "a word that is nowhere"}
    assert [name for name, size in sizes.items() if size == COUNT] == ["everything"]


def test_a_plus_and_its_escape_part_words(town: Town) -> None:
    expected = len(town.fitting(lambda it: it.purpose[0] == "P" and it.city[0] == "S"))
    for text in ("plomberie,eglise+saint", "plomberie%2Ceglise%2Bsaint", "Plomb%C3%A9rie%20SAINT"):
        answer = town.user.http.get(f"/api/v1/tickets?fulltext={text}", headers=town.user._headers)
        assert answer.headers["Content-Range"].endswith(f"/{expected}")


def test_every_text_of_a_ticket_is_searched(world: World) -> None:
    user = world.root
    uid = open_ticket(
        user,
        in_agency(world.far_agency),
        claimNumber={"clientClaimNumber": "REF-Ωmega"},
        request="Ascenseur bloqué",
        caller={
            "name": {"value": "Zébulon Quux", "nameType": "PoorName"},
            "callerType": "HumanCaller",
        },
        address={"street": "9 quai Voltaire", "zipCode": "13007", "city": "Marseille"},
    )
    named = provider_contact(world.root, world.far_company, "Schindler Élévateurs")
    assign(user, uid, named)
    said = {"message": "Le câble est sectionné", "messageAddedDate": "2026-01-15T12:00:00Z"}
    user.events(f"tickets/{uid}", "AddMessage", **said)
    for words in ("ref", "bloque", "zebulon", "voltaire", "13007", "elevateurs", "sectionne"):
        (found,) = user.get("tickets", fulltext=words)["result"]
        assert found["uid"] == uid


def test_an_export_says_what_the_list_says(town: Town) -> None:
    listed = {it["uid"]: it for it in pages(town.user, "tickets", 100)}
    exported = {it["uid"]: it for it in pages(town.user, "tickets/export", 20_000)}
    assert listed.keys() == exported.keys()
    for uid, ticket in listed.items():
        assert {key: exported[uid][key] for key in ticket} == ticket


def test_what_is_kept_is_what_is_counted_before_and_after_it_is_summed_up(
    town: Town, world: World
) -> None:
    extra = town.opened(COUNT)
    town.tickets.append(extra._replace(closed=True))
    close(town.user, extra.uid)
    users: tuple[tuple[User, Fits], ...] = (
        (world.operator_user, lambda it: True),
        (world.manager, lambda it: it.company == world.company),
        (world.holding_manager, lambda it: it.company == world.company),
        (world.other_manager, lambda it: it.company == world.other_company),
        (world.executive, lambda it: it.agency == world.agency),
    )
    for _ in range(2):
        for user, reached in users:
            kept = user.read("tickets").json()["aggregations"]
            assert kept == user.read("tickets", to="2099-12-31").json()["aggregations"]
            assert shown(kept) == counted(town.fitting(reached))
            found = [it["uid"] for it in pages(user, "tickets", 100)]
            assert found == [it.uid for it in town.fitting(reached)]
        sum_all_up(world.database)


@pytest.mark.parametrize("path", ["tickets", "tickets/stats"])
@pytest.mark.parametrize(
    "other",
    [
        {"agency": new_uid()},
        {"status": "OPENED"},
        {"location": "paris"},
        {"from": "2025-01-01"},
        {"to": "2025-01-01"},
        {"callpurpose": "x"},
        {"activeproviders": new_uid()},
        {"intervention": "true"},
    ],
)
def test_fulltext_goes_with_no_other_filter(path: str, other: dict[str, str], town: Town) -> None:
    answer = town.user.read(path, fulltext="fuite", **other)
    assert refusal(answer) == "BadRequest"
    assert answer.json()["message"].startswith("fulltext")
    assert town.user.read("tickets", fulltext="fuite", range="0-0").status_code == 206
    assert town.user.read("tickets/export", fulltext="fuite", **other).status_code == 200


@pytest.mark.parametrize("path", ["tickets", "tickets/export", "tickets/stats"])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("agency", "no uid"),
        ("agency", ",".join([new_uid()] * 101)),
        ("status", "open"),
        ("from", "2025-02-30"),
        ("from", "26/10/2025"),
        ("to", "9999-12-31"),
        ("activeproviders", "1"),
        ("intervention", "yes"),
        ("fulltext", "+,"),
        ("fulltext", "a\x00b"),
        ("location", "\x00"),
        ("range", "5-1"),
    ],
)
def test_a_parameter_that_says_nothing_is_refused(
    path: str, name: str, value: str, town: Town
) -> None:
    answer = town.user.read(path, **{name: value})
    assert refusal(answer) == "BadRequest"
    assert answer.json()["message"].startswith(name)


def test_days_in_the_wrong_order_and_doubled_parameters_are_refused(town: Town) -> None:
    assert refusal(town.user.read("tickets", **{"from": "2025-10-27", "to": "2025-10-26"}))
    url = "/api/v1/tickets?status=OPENED&status=CLOSED"
    assert refusal(town.user.http.get(url, headers=town.user._headers)) == "BadRequest"


def test_empty_parameters_are_as_good_as_none(town: Town) -> None:
    query = dict.fromkeys(("agency", "status", "from", "location", "fulltext", "range"), "")
    answer = town.user.read("tickets", **query)
    assert answer.headers["Content-Range"] == town.user.read("tickets").headers["Content-Range"]


def statistics(answer: httpx2.Response) -> tuple[int, int, int, float]:
    assert answer.status_code == 200, answer.text
    new, often = answer.json()["newTickets"], answer.json()["ticketCreationFrequency"]
    return new["lastSevenDays"], new["lastMonth"], new["currentMonth"], often["byDay"]


def test_statistics_are_those_of_the_tickets_found(world: World) -> None:
    now = datetime.now(UTC)
    ages = [timedelta(hours=1), timedelta(days=6, hours=23), timedelta(days=7, hours=1)]
    moments = [now - age for age in (*ages, *(timedelta(days=each) for each in range(9, 75, 3)))]
    for moment in moments:
        date = moment.isoformat(timespec="milliseconds")
        where = in_agency(world.far_agency)
        open_ticket(world.root, where, date=date, callPurposeLabel="Comptage")
    local = [moment.astimezone(PARIS) for moment in moments]
    today = now.astimezone(PARIS).date()
    before = today.replace(day=1) - timedelta(days=1)
    expected = (
        sum(moment > now - timedelta(days=7) for moment in moments),
        sum((it.year, it.month) == (before.year, before.month) for it in local),
        sum((it.year, it.month) == (today.year, today.month) for it in local),
        round(len(moments) / ((today - min(local).date()).days + 1), 2),
    )
    assert statistics(world.root.read("tickets/stats", callpurpose="comptage")) == expected
    assert statistics(world.root.read("tickets/stats", fulltext="comptage")) == expected
    nothing = statistics(world.operator_user.read("tickets/stats", callpurpose="comptage"))
    assert nothing == (0, 0, 0, 0)


def test_the_spellings_of_a_city_are_one_place(world: World) -> None:
    """The facet has the most frequent spelling; the filter takes each."""
    user = world.login("callCenterUser", world.center)
    cities = ("Saint-Denis", "SAINT DENIS", "St-Denis", "Saint\u2011Denis", "Saint-Denis", "Stains")
    uids = [
        open_ticket(
            user,
            in_patrimony(world.patrimony),
            address={"street": "", "zipCode": "93200", "city": city},
            callPurposeLabel="Villes",
        )
        for city in cities
    ]
    for spelling in ("saint denis", "Saint\u2011Denis", "St-Denis", "SAINT-DENIS", "st. denis"):
        answer = user.get("tickets", callpurpose="villes", location=spelling)
        assert [it["uid"] for it in reversed(answer["result"])] == uids[:5]
        assert answer["aggregations"]["locations"] == [{"value": "Saint-Denis", "count": 5}]
    locations = user.read("tickets").json()["aggregations"]["locations"]
    assert {"value": "Saint-Denis", "count": 5} in locations
    assert user.get("tickets", location="-")["result"] == []
