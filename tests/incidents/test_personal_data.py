"""A ticket shows names and telephone numbers of those it names: only whom its sender may read.

For each kind of user and each kind of reference: naming a person is accepted if, and only if, the
read API shows this person to the same user.
"""

from typing import Any

import pytest
from tests.app import LATER, Body, contact, detail, open_ticket, opening, provider_contact
from tests.incidents.conftest import User, World, refusal
from tests.incidents.reach_cases import REACH, Court

DRY = {"Prefer": "handling=dry-run"}


class People:
    """A court, and the persons whom a ticket can name."""

    def __init__(self, world: World) -> None:
        self.court = Court(world)
        self.users = {name: user.uid for name, user in self.court.users.items()}
        self.users["colleague"] = world.login("callCenterUser", world.center).uid
        self.contacts = {
            "here": self.court.contact_of(self.users["neighbour"]),
            "in another agency": new_contact(world, world.second_patrimony),
            "of another company": new_contact(world, world.other_patrimony),
        }
        self.providers = {
            "of the company": provider_contact(world.root, world.company),
            "of another company": provider_contact(world.root, world.other_company),
        }
        self.companies = [uid for (uid,) in world.rows("SELECT uid::text FROM company")]

    def readable_users(self, who: str) -> set[str]:
        """The names of the users whom the read API shows to one of them; each knows itself, and
        those of a call centre their colleagues."""
        user = self.court.users[who]
        uids = {user.uid}
        for company in self.companies:
            answer = user.read(f"clientcompanies/{company}/users")
            if answer.status_code in (200, 206):
                uids |= {each["uid"] for each in answer.json()["result"]}
        found = {name for name, uid in self.users.items() if uid in uids}
        if who == "super user":
            return set(self.users)
        return found | ({"call-centre user", "colleague"} if who == "call-centre user" else set())


def new_contact(world: World, patrimony: str) -> str:
    return world.root.created(
        "patrimonycontacts",
        "ReferencePatrimonyContact",
        name={"value": "M. Contact", "nameType": "PoorName"},
        contacts=[{"phone": "0146304312", "contactMediumType": "Phone"}],
        linkedWithEntities=[{"patrimonyUid": patrimony, "linkType": "LinkToPatrimonyAsCareTaker"}],
    )


@pytest.fixture(scope="module")
def people(world: World) -> People:
    return People(world)


def place_of(people: People, who: str) -> Body | None:
    """A place where the user may open a ticket."""
    return next((place for name, place in people.court.places.items() if name in REACH[who]), None)


def named(user: User, place: Body, uid: str) -> bool:
    """Whether the user may name this caller in a new ticket; else it is as if it were not there."""
    caller = {"uid": uid, "callerType": "ReferencedContactCaller"}
    answer = user.send("POST", "tickets", opening(place, caller=caller), **DRY)
    if answer.status_code == 200:
        return True
    assert refusal(answer) == "TicketGenericError"
    assert answer.json()["message"].endswith("at `$.ticket.caller.uid`")
    return False


@pytest.mark.parametrize("who", REACH)
def test_a_user_is_named_as_caller_by_who_may_read_it(people: People, who: str) -> None:
    user, place = people.court.users[who], place_of(people, who)
    if place is not None:
        accepted = {name for name, uid in people.users.items() if named(user, place, uid)}
        assert accepted == people.readable_users(who)


@pytest.mark.parametrize("who", REACH)
def test_a_contact_is_named_as_caller_by_who_may_read_it(people: People, who: str) -> None:
    user, place = people.court.users[who], place_of(people, who)
    if place is not None:
        for uid in people.contacts.values():
            shown = user.read(f"patrimonycontacts/{uid}").status_code == 200
            assert named(user, place, uid) is shown


@pytest.mark.parametrize("who", REACH)
def test_a_corrected_caller_and_a_provider_are_readable_too(people: People, who: str) -> None:
    user = people.court.users[who]
    uid = next(
        (people.court.tickets[name] for name in people.court.tickets if name in REACH[who]), ""
    )
    if not uid or "resident" in who or who == "neighbour":
        return
    for kind, wanted, make in (
        ("CorrectCaller", people.contacts, corrected),
        ("IdentifyAssignee", people.providers, assigned),
    ):
        path = "patrimonycontacts" if kind == "CorrectCaller" else "providercontacts"
        for named_uid in wanted.values():
            shown = user.read(f"{path}/{named_uid}").status_code == 200
            body = {"commandType": kind, "processUid": named_uid, **make(named_uid)}
            answer = user.send("PATCH", f"tickets/{uid}", body, **DRY)
            assert (answer.status_code == 200) is shown, answer.text
    readable = people.readable_users(who)
    for name, account in people.users.items():
        body = {"commandType": "CorrectCaller", "processUid": account, **corrected(account)}
        answer = user.send("PATCH", f"tickets/{uid}", body, **DRY)
        assert (answer.status_code == 200) is (name in readable), name


def corrected(uid: str) -> dict[str, Any]:
    return {"caller": {"uid": uid, "callerType": "ReferencedContactCaller"}}


def assigned(uid: str) -> dict[str, Any]:
    return {"assignee": contact(uid), "date": LATER}


def test_who_lives_in_a_patrimony_acts_for_nobody_else(people: People) -> None:
    user, place = people.court.users["resident"], place_of(people, "resident")
    assert place is not None
    for name, uid in people.users.items():
        body = opening(place, operator={"userUid": uid, "operatorType": "ReferencedUser"})
        answer = user.send("POST", "tickets", body, **DRY)
        assert (answer.status_code == 200) is (name == "resident"), name


def test_a_patrimony_user_reads_its_own_name_back_and_no_colleague_s(people: People) -> None:
    user, place = people.court.users["resident"], place_of(people, "resident")
    assert place is not None
    uid = open_ticket(user, place, caller=corrected(user.uid)["caller"])
    assert detail(user, uid)["caller"]["name"] == "Zoé Testeur"
    for name in ("manager", "executive", "patrimony manager", "neighbour"):
        body = opening(place, caller=corrected(people.users[name])["caller"])
        assert refusal(user.send("POST", "tickets", body)) == "TicketGenericError"
