"""Each kind of user is told of exactly what it could read, however much has happened."""

import pytest
from tests.feeds.test_rights import DETAILS, LISTS, Thing, court, reads
from tests.incidents.conftest import User, World
from tests.incidents.reach_cases import REACH, Court
from tests.incidents.subscriptions.conftest import Hook, all_told, asked, subscribed
from tests.receiving import Received, receiving

__all__ = ["court"]

BEGINNING = "2000-01-01T00:00:00.000Z"


@pytest.fixture(scope="module")
def categories(court: Court) -> dict[int, str]:
    """The category of each event there is, by its position."""
    return dict(court.world.rows("SELECT position, category FROM event"))


def everything_again(user: User, uid: str) -> int:
    """Let the subscription be told of all that ever happened."""
    answer = asked(user, "POST", f"/{uid}/replay", {"since": BEGINNING})
    return int(answer["replayed"])


def about(call: Received, categories: dict[int, str]) -> Thing:
    """What an event is about: its kind, its company if it is listed below one, its uid."""
    event = call.json()
    kind, uid = categories[int(call.headers["gerance-position"])], event["aggregateUid"]
    if event["eventType"].startswith("Agency"):
        return "agency", uid, event["agency"]["agencyUid"]
    return kind, "", uid


@pytest.fixture(scope="module")
def told(court: Court, world: World, categories: dict[int, str]) -> dict[str, set[Thing]]:
    """What the events are about that each user is told of, when it is told of all it may know."""
    portal = world.http.portal
    assert portal is not None
    found: dict[str, set[Thing]] = {}
    with portal.wrap_async_context_manager(receiving()) as receiver:
        hook = Hook(receiver, portal)
        names = {who: who.replace(" ", "-") for who in REACH}
        uids = {
            who: subscribed(court.users[who], hook.at(name))["uid"] for who, name in names.items()
        }
        for who, uid in uids.items():
            assert everything_again(court.users[who], uid) == len(categories)
        for who, uid in uids.items():
            all_told(court.users[who], uid)
            found[who] = {about(call, categories) for call in hook.told_at(names[who])}
    return found


def test_there_is_something_of_every_kind(told: dict[str, set[Thing]]) -> None:
    assert {kind for kind, _, _ in told["super user"]} == {*DETAILS, *LISTS}


@pytest.mark.parametrize("who", REACH)
def test_a_user_is_told_of_what_it_could_read(
    who: str, court: Court, told: dict[str, set[Thing]]
) -> None:
    user, everything = court.users[who], told["super user"]
    assert told[who] == {thing for thing in everything if reads(court, user, thing)}
    tickets = {uid for kind, _, uid in told[who] if kind == "ticket"}
    assert court.names(tickets) == REACH[who]
