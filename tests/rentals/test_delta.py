"""Only what has changed: delta links of the rental API."""

import base64
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from starlette.testclient import TestClient
from tests.living import on
from tests.rentals.conftest import NOW
from tests.rentals.following import TRACK, Replica, asked, opened
from tests.rentals.writing import change, move

from gerance.rentals.property.entity import UNAVAILABLE_UNIT, UNIT

FIRST_RELEASE = {"OData-MaxVersion": "4.0"}
NEW_UNIT = {"CompanyNo": 3, "DivisionNo": 1, "BuildingCode": "1000PINS"}


@pytest.fixture(scope="module")
def http(estate: str) -> Iterator[TestClient]:
    with opened(estate) as client:
        yield client


def sent(http: TestClient, method: str, path: str, body: Any = None) -> Any:
    """What a write answers."""
    headers = {"Prefer": "return=representation"}
    answer = http.request(method, f"/api/{path}", json=body, headers=headers)
    assert answer.is_success, answer.text
    return answer.json() if answer.content else None


def created(http: TestClient, code: str, **properties: Any) -> int:
    """The Id of a new unit of the building 1000PINS."""
    return int(sent(http, "POST", "Units", {**NEW_UNIT, "UnitCode": code, **properties})["Id"])


def ids(entries: list[dict[str, Any]]) -> list[int]:
    return [each["Id"] for each in entries]


# Asking


def test_a_list_ends_with_a_link_to_what_will_have_changed(http: TestClient) -> None:
    answer = asked(http, "/api/Buildings?$top=5000", TRACK)
    assert answer.json()["@odata.deltaLink"].startswith("http://testserver/api/Buildings?$delta")
    assert answer.headers["Preference-Applied"] == "odata.track-changes"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "ETag" not in answer.headers
    assert "@odata.nextLink" not in answer.json()


@pytest.mark.parametrize(
    "prefer",
    [
        [("Prefer", "odata.track-changes"), ("Prefer", "odata.maxpagesize=7")],
        [("Prefer", "maxpagesize=7,TRACK-CHANGES")],
        [("Prefer", "respond-async; wait=1, track-changes"), ("Prefer", "maxpagesize=7")],
    ],
)
def test_the_preference_stands_beside_others(
    http: TestClient, prefer: list[tuple[str, str]]
) -> None:
    answer = http.get("/api/LedgerDivisions", headers=prefer)
    applied = "odata.track-changes, odata.maxpagesize=7"
    assert answer.headers["Preference-Applied"] == applied
    assert "@odata.deltaLink" in answer.json()


def test_only_the_last_page_has_the_link_whether_the_preference_is_repeated_or_not(
    http: TestClient,
) -> None:
    answer = asked(http, "/api/Buildings?$count=true", {"Prefer": "track-changes,maxpagesize=20"})
    pages = [answer.json()]
    while "@odata.nextLink" in pages[-1]:
        assert "@odata.deltaLink" not in pages[-1]
        answer = asked(http, pages[-1]["@odata.nextLink"], {"Prefer": "maxpagesize=20"})
        pages.append(answer.json())
    assert [len(page["value"]) for page in pages] == [20, 20, 20]
    assert "count" not in pages[-1]["@odata.deltaLink"]
    assert "skiptoken" not in pages[-1]["@odata.deltaLink"]


def test_top_and_skip_are_no_part_of_what_is_followed(http: TestClient) -> None:
    for question in ("Units?$top=0", "Units?$top=2&$skip=7&$orderby=Floor"):
        replica = Replica(http, question).load()
        sent(http, "PATCH", "Units(900)", {"Description": question})
        assert ids(replica.follow()) == [900]
    assert "@odata.deltaLink" not in asked(http, "/api/Units?$top=0", {}).json()


@pytest.mark.parametrize(
    "path",
    [
        "Tickets",
        "Units/ForRent(from=2026-12-01,to=2026-12-31)",
        "Buildings(1)/Units",
        "Buildings(1)",
        "Buildings/$count",
        "Buildings?$expand=Patrimony",
        "Buildings?$filter=Patrimony ne null",
        "Tenants?$filter=LeaseEndDate lt date(now())",
    ],
)
def test_what_the_log_does_not_tell_is_not_followed(http: TestClient, path: str) -> None:
    answer = asked(http, f"/api/{path}", TRACK)
    assert "deltaLink" not in answer.text
    assert "Preference-Applied" not in answer.headers


# Following


def test_nothing_changed_is_an_empty_answer_with_a_new_link(http: TestClient) -> None:
    replica = Replica(http, "Services").load()
    answer = asked(http, replica.link, {})
    assert answer.json()["@odata.context"] == "http://testserver/api/$metadata#Services/$delta"
    assert answer.json()["value"] == []
    assert "@odata.deltaLink" in answer.json()
    assert answer.headers["OData-Version"] == "4.01"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "ETag" not in answer.headers


def test_what_changed_is_answered_whole_and_once(http: TestClient) -> None:
    replica = Replica(http, "Units").load()
    sent(http, "PATCH", "Units(11)", {"Description": "Rénové"})
    sent(http, "PATCH", "Units(11)", {"Description": "Rénové deux fois"})
    new = created(http, "NEW1", Floor=4)
    assert ids(replica.follow()) == [11, new]
    assert replica.entities == replica.fresh()
    assert replica.follow() == []


def test_a_link_may_be_followed_again(http: TestClient) -> None:
    first = Replica(http, "Units").load().link
    sent(http, "PATCH", "Units(12)", {"Description": "once"})
    answers = [asked(http, first, {}).json()["value"] for _ in range(2)]
    assert answers[0] == answers[1]
    assert ids(answers[0]) == [12]


def test_the_selection_is_that_of_the_first_request_with_the_key(http: TestClient) -> None:
    replica = Replica(http, "Units?$select=Description,Floor&$orderby=Floor", key="Floor").load()
    sent(http, "PATCH", "Units(13)", {"Description": "seen"})
    answer = asked(http, replica.link, {}).json()
    assert answer["@odata.context"].endswith("$metadata#Units(Description,Floor)/$delta")
    (entity,) = answer["value"]
    assert sorted(entity) == ["@odata.etag", "Description", "Floor", "Id"]


def test_an_entity_enters_and_leaves_a_filter(http: TestClient) -> None:
    replica = Replica(http, "Units?$filter=Floor eq 77 and Active").load()
    assert replica.entities == {}
    sent(http, "PATCH", "Units(14)", {"Floor": 77})
    sent(http, "PATCH", "Units(15)", {"Floor": 78})
    assert ids(replica.follow()) == [14]
    sent(http, "PATCH", "Units(14)", {"Floor": 3})
    sent(http, "PATCH", "Units(15)", {"Description": "never in it"})
    assert replica.follow() == [
        {"@removed": {"reason": "changed"}, "@odata.id": "Units(14)", "Id": 14}
    ]


def test_what_came_and_went_between_two_links_is_told_as_gone(http: TestClient) -> None:
    """Somebody who read page by page may have it."""
    replica = Replica(http, "Units?$filter=Floor eq 88").load()
    sent(http, "PATCH", "Units(16)", {"Floor": 88})
    sent(http, "PATCH", "Units(16)", {"Floor": 1})
    assert [each["@removed"] for each in replica.follow()] == [{"reason": "changed"}]


def test_a_deleted_entity_is_removed_in_the_form_of_each_release(http: TestClient) -> None:
    new = created(http, "GONE")
    replica = Replica(http, "Units?$filter=UnitCode eq 'GONE'").load()
    assert list(replica.entities) == [new]
    sent(http, "DELETE", f"Units({new})")
    later = asked(http, replica.link, {"OData-MaxVersion": "4.01"})
    assert later.json()["value"] == [
        {"@removed": {"reason": "deleted"}, "@odata.id": f"Units({new})", "Id": new}
    ]
    first = asked(http, replica.link, FIRST_RELEASE)
    assert first.headers["OData-Version"] == "4.0"
    context = "http://testserver/api/$metadata#Units/$deletedEntity"
    assert first.json()["value"] == [
        {"@odata.context": context, "id": f"Units({new})", "reason": "deleted"}
    ]
    full = asked(http, replica.link, {"Accept": "application/json;odata.metadata=full"}).json()
    assert full["value"][0]["@odata.context"] == context
    assert replica.follow()
    assert replica.entities == {}


def test_a_key_of_letters_is_told_too(http: TestClient) -> None:
    code, address = "a/b 'c", "HousingTypes('a%2Fb%20''c')"
    sent(http, "POST", "HousingTypes", {"Code": code, "Name": "Odd"})
    replica = Replica(http, "HousingTypes", key="Code").load()
    sent(http, "PATCH", address, {"Name": "Odder"})
    assert [each["Name"] for each in replica.follow()] == ["Odder"]
    sent(http, "DELETE", address)
    (entry,) = replica.follow()
    assert (entry["Code"], entry["@odata.id"]) == (code, address)
    assert replica.entities == replica.fresh()


# What is shown beside


def test_a_change_of_what_is_expanded_brings_its_parent_whole(http: TestClient) -> None:
    replica = Replica(http, "Buildings?$expand=Units($expand=UnavailableUnits)&$select=Id").load()
    unit = sent(http, "GET", "Units(100)")
    sent(http, "PATCH", "Units(100)", {"Description": "deep"})
    assert ids(replica.follow()) == [unit["BuildingId"]]
    closed = {"UnitId": 100, "StartDate": "2031-01-01", "EndDate": "2031-02-01", "Reason": "Works"}
    closed_id = sent(http, "POST", "UnavailableUnits", closed)["Id"]
    assert ids(replica.follow()) == [unit["BuildingId"]]
    assert replica.entities == replica.fresh()
    sent(http, "PATCH", f"UnavailableUnits({closed_id})", {"Reason": "More"})
    assert ids(replica.follow()) == [unit["BuildingId"]]
    sent(http, "DELETE", f"UnavailableUnits({closed_id})")
    assert ids(replica.follow()) == [unit["BuildingId"]]
    assert replica.entities == replica.fresh()


def test_what_moves_away_brings_both_parents(http: TestClient, estate: str) -> None:
    replica = Replica(http, "Units?$expand=UnavailableUnits($select=Id)&$select=Id").load()
    closed = {"UnitId": 120, "StartDate": "2031-01-01", "EndDate": "2031-02-01", "Reason": "Works"}
    closed_id = sent(http, "POST", "UnavailableUnits", closed)["Id"]
    assert ids(replica.follow()) == [120]
    for unit in (121, 122):
        on(
            estate,
            lambda c, unit=unit: change(
                c, UNAVAILABLE_UNIT, closed_id, {"unit_id": unit}, today=NOW.date()
            ),
        )
    assert ids(replica.follow()) == [120, 121, 122]
    assert replica.entities == replica.fresh()


def test_a_parent_shown_with_its_children_brings_them(http: TestClient) -> None:
    replica = Replica(http, "Units?$filter=BuildingId eq 2&$expand=Building&$select=Id").load()
    sent(http, "PATCH", "Buildings(2)", {"Name": "Le Renommé"})
    sent(http, "PATCH", "Buildings(3)", {"Name": "Autre"})
    assert ids(replica.follow()) == sorted(replica.entities)
    assert replica.entities == replica.fresh()


def test_a_filter_over_others_follows_them(http: TestClient) -> None:
    by_city = Replica(http, "Units?$filter=Building/City eq 'Nulle part'").load()
    by_any = Replica(
        http, "Buildings?$filter=Units/any(u:u/Floor eq 99) or Units/$count eq 0&$select=Id"
    ).load()
    sent(http, "PATCH", "Buildings(4)", {"City": "Nulle part"})
    sent(http, "PATCH", "Units(200)", {"Floor": 99})
    assert by_city.follow()
    assert by_any.follow()
    assert by_city.entities
    assert (by_city.entities, by_any.entities) == (by_city.fresh(), by_any.fresh())
    sent(http, "PATCH", "Buildings(4)", {"City": "Ici"})
    sent(http, "PATCH", "Units(200)", {"Floor": 9})
    by_city.follow()
    by_any.follow()
    assert by_city.entities == {}
    assert by_any.entities == by_any.fresh()


def test_the_first_release_has_no_form_for_what_is_expanded(http: TestClient) -> None:
    answer = asked(http, "/api/Buildings?$expand=Units", {**TRACK, **FIRST_RELEASE})
    assert "@odata.deltaLink" not in answer.json()
    assert "Preference-Applied" not in answer.headers
    link = Replica(http, "Buildings?$expand=Units").load().link
    refused = http.get(link, headers=FIRST_RELEASE)
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "UnsupportedVersion")


# Pages and moments


def test_a_long_answer_comes_in_pages(http: TestClient) -> None:
    replica = Replica(http, "Units", page=2).load()
    changed = [31, 33, 35, 37, 39]
    for unit in changed:
        sent(http, "PATCH", f"Units({unit})", {"Description": "paged"})
    before = replica.pages
    assert ids(replica.follow()) == changed
    assert replica.pages == before + 3
    assert replica.entities == replica.fresh()


def test_what_changes_between_pages_is_told_by_the_next_link(http: TestClient) -> None:
    headers = {"Prefer": "track-changes, maxpagesize=1000"}
    first = asked(http, "/api/Units", headers).json()
    seen = first["value"][0]["Id"]
    sent(http, "PATCH", f"Units({seen})", {"Description": "after the first page"})
    second = asked(http, first["@odata.nextLink"], {}).json()
    changes = asked(http, second["@odata.deltaLink"], {}).json()
    assert ids(changes["value"]) == [seen]

    for unit in (41, 42, 43):
        sent(http, "PATCH", f"Units({unit})", {"Description": "three"})
    page = asked(http, changes["@odata.deltaLink"], {"Prefer": "maxpagesize=1"}).json()
    assert ids(page["value"]) == [41]
    sent(http, "PATCH", "Units(41)", {"Description": "while the second page is asked for"})
    assert ids(asked(http, page["@odata.nextLink"], {}).json()["value"]) == [42]
    rest = asked(http, page["@odata.nextLink"], {"Prefer": "maxpagesize=9"}).json()
    assert ids(rest["value"]) == [42, 43]
    assert 41 in ids(asked(http, rest["@odata.deltaLink"], {}).json()["value"])


def test_what_commits_late_is_not_lost(http: TestClient, estate: str) -> None:
    replica = Replica(http, "Units").load()
    with psycopg.connect(estate) as slow:
        slow.execute("SELECT pg_current_xact_id()")
        sent(http, "PATCH", "Units(51)", {"Description": "fast"})
        assert ids(replica.follow()) == [51]
        uid = "00000000-0000-8000-8000-000000000034"
        slow.execute("UPDATE rentals.unit SET description = 'slow', version = 2 WHERE id = 52")
        slow.execute(
            "INSERT INTO event (category, stream, version, ordinal, event_type, process_uid,"
            " sent_date, data) VALUES ('Unit', %s, 2, 0, 'UnitChanged', gen_random_uuid(), now(),"
            """ '{"Description":"slow"}')""",
            [uid],
        )
        assert 52 not in ids(replica.follow())
        slow.commit()
    assert 52 in ids(replica.follow())
    assert replica.entities == replica.fresh()


# Refusals and rights


def gone(http: TestClient, link: str, **headers: str) -> str:
    """Where an expired link says to begin anew."""
    answer = http.get(link, headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (410, "DeltaLinkExpired")
    return answer.headers["Location"]


def test_an_old_link_says_where_to_begin_anew(estate: str) -> None:
    with opened(estate, delta_days=0) as http:
        answer = asked(http, "/api/Units?$filter=Floor eq 1&$top=0", TRACK)
        anew = gone(http, answer.json()["@odata.deltaLink"])
    assert anew == "http://testserver/api/Units?$filter=Floor%20eq%201"


def test_a_link_is_no_good_with_other_rights_or_for_another_database(
    http: TestClient, database: str
) -> None:
    link = Replica(http, "Units").load().link
    gone(http, link, **{"X-Access": "one division"})
    with opened(database) as other:
        gone(other, link)


@pytest.mark.parametrize(
    "change_of",
    [
        lambda link: link.replace("Units", "Buildings"),
        lambda link: link.replace("Floor%20eq%201", "Floor%20eq%202"),
        lambda link: f"{link}&$expand=Building",
        lambda link: link[:-9],
        lambda link: link.partition("$deltatoken=")[0] + "$deltatoken=é",
        lambda link: link.partition("$deltatoken=")[0] + "$deltatoken=W10",
        lambda link: link.partition("$deltatoken=")[0] + "$deltatoken=WyLmIl0",
        lambda link: link.partition("$deltatoken=")[0] + "$deltatoken=",
    ],
)
def test_a_link_that_is_none_of_ours_is_refused(http: TestClient, change_of: Any) -> None:
    link = Replica(http, "Units?$filter=Floor eq 1").load().link
    answer = http.get(change_of(link))
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "BadDeltaToken")


def test_a_link_is_good_for_its_principal_alone(http: TestClient) -> None:
    mine = {"X-Owner": "alice"}
    link = Replica(http, "Units?$filter=Floor eq 1", headers=mine).load().link
    head, _, token = link.partition("$deltatoken=")
    assert http.get(link, headers=mine).status_code == 200
    raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    altered = [raw[:nth] + bytes([raw[nth] ^ 1]) + raw[nth + 1 :] for nth in range(len(raw))]
    forged = [base64.urlsafe_b64encode(each).decode().rstrip("=") for each in (*altered, raw[16:])]
    for each, headers in [(token, {}), (token, {"X-Owner": "bob"}), *((f, mine) for f in forged)]:
        answer = http.get(f"{head}$deltatoken={each}", headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "BadDeltaToken")


@pytest.mark.parametrize("path", ["Units/$count", "Units(1)", "Units(1)/Building"])
def test_a_token_goes_with_its_own_question_alone(http: TestClient, path: str) -> None:
    option = Replica(http, "Units").load().link.partition("?")[2]
    answer = http.get(f"/api/{path}?{option}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "BadDeltaToken")
    inside = http.get("/api/Buildings?$expand=Units($deltatoken=1)")
    assert (inside.status_code, inside.json()["error"]["code"]) == (400, "InvalidOption")


def test_how_a_link_is_percent_encoded_does_not_matter(http: TestClient) -> None:
    link = Replica(http, "Units?$filter=Floor eq 1&$select=Id").load().link
    head, _, query = link.partition("?")
    assert asked(http, f"{head}?{query.replace('$', '%24').replace('%20', '+')}", {})
    refused = http.get(f"{link}&{query.rpartition('&')[2]}")
    assert refused.json()["error"]["code"] == "RepeatedOption"


def test_rights_are_those_of_who_asks(http: TestClient, estate: str) -> None:
    limited = {"X-Access": "one division"}
    replica = Replica(http, "Units?$select=Id,DivisionNo", headers=limited).load()
    new = created(http, "MINE")
    other = next(
        each for each in sent(http, "GET", "Units?$filter=CompanyNo ne 3&$top=1")["value"]
    )["Id"]
    sent(http, "PATCH", f"Units({other})", {"Description": "not seen"})
    assert ids(replica.follow()) == [new]
    on(
        estate,
        lambda c: move(c, UNIT, new, {"company_no": 1, "division_no": 1}, today=NOW.date()),
    )
    assert [each["@removed"] for each in replica.follow()] == [{"reason": "changed"}]
    nobody = Replica(http, "Units", headers={"X-Access": "nowhere"}).load()
    sent(http, "PATCH", f"Units({other})", {"Description": "still not"})
    assert nobody.follow() == []


LIMITED = {"X-Access": "one division"}
RELATED = (
    "Units",
    "Units?$filter=Building/Id ge 0",
    "Units?$filter=2147483607 add Floor ne 7",
    "Units?$filter=UnavailableUnits/$count ge 0&$expand=Building",
    "UnavailableUnits",
    "UnavailableUnits?$filter=Unit/Floor ne 77&$expand=Unit",
    "Buildings?$expand=Units($expand=UnavailableUnits)",
)


@pytest.mark.parametrize("question", RELATED)
def test_nothing_is_told_of_rows_that_were_never_in_reach(
    http: TestClient, estate: str, question: str
) -> None:
    replica = Replica(http, question, page=1, headers=LIMITED).load()
    pages = replica.pages
    far = sent(http, "GET", "Buildings?$filter=CompanyNo ne 3&$top=1")["value"][0]
    place = {name: far[name] for name in ("CompanyNo", "DivisionNo", "BuildingCode")}
    unit = sent(http, "POST", "Units", {**place, "UnitCode": "FAR", "Floor": 41})["Id"]
    closed = {"UnitId": unit, "StartDate": "2031-01-01", "EndDate": "2031-02-01", "Reason": "Works"}
    closed_id = sent(http, "POST", "UnavailableUnits", closed)["Id"]
    sent(http, "PATCH", f"Buildings({far['Id']})", {"City": question[:20]})
    sent(http, "PATCH", f"UnavailableUnits({closed_id})", {"Reason": "Paint"})
    assert replica.follow() == []
    sent(http, "DELETE", f"UnavailableUnits({closed_id})")
    sent(http, "DELETE", f"Units({unit})")
    assert replica.follow() == []
    assert replica.pages == pages + 2


def test_what_was_in_reach_is_told_as_removed(http: TestClient, estate: str) -> None:
    mine = created(http, "REACH", Floor=5)
    closed = {"UnitId": mine, "StartDate": "2031-01-01", "EndDate": "2031-02-01", "Reason": "Works"}
    closed_id = sent(http, "POST", "UnavailableUnits", closed)["Id"]
    units, others, times, deep = (
        Replica(http, question, headers=LIMITED).load()
        for question in (*RELATED[1:3], *RELATED[4:6])
    )
    here = {"company_no": 3, "division_no": 1}
    for place in ({"company_no": 1, "division_no": 1}, here):
        on(estate, lambda c, to=place: move(c, UNIT, mine, to, today=NOW.date()))
        with psycopg.connect(estate, autocommit=True) as connection:
            connection.execute(
                "UPDATE rentals.unavailable_unit SET company_no = %s, division_no = %s"
                " WHERE id = %s",
                [place["company_no"], place["division_no"], closed_id],
            )
        for replica, number in (
            (units, mine),
            (others, mine),
            (times, closed_id),
            (deep, closed_id),
        ):
            entries = replica.follow()
            assert [(each["Id"], "@removed" in each) for each in entries] == [
                (number, place is not here)
            ], replica.question
    sent(http, "DELETE", f"UnavailableUnits({closed_id})")
    sent(http, "DELETE", f"Units({mine})")
    for replica, number in ((units, mine), (others, mine), (times, closed_id), (deep, closed_id)):
        # The building counts its units, so its other units are told again.
        (entry,) = [each for each in replica.follow() if "@removed" in each]
        assert (entry["@removed"], entry["Id"]) == ({"reason": "deleted"}, number)
