"""Many write at once and clients are cut off: each event comes once, in the order of the log."""

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count

import httpx2
import psycopg
import pytest
from tests.app import LATER, in_patrimony, open_ticket
from tests.feeds.conftest import Event, key, log, page, stream
from tests.incidents.conftest import User, World
from tests.waiting import PATIENCE

WRITERS, MESSAGES = 4, 60
LATE = (
    "INSERT INTO event (category, stream, version, ordinal, event_type, process_uid, sent_date,"
    " data) SELECT 'ticket', %(ticket)s, %(version)s, 0, 'MessageAdded', uid, now(),"
    " json_build_object('eventType', 'MessageAdded', 'processUid', uid) FROM gen_random_uuid() uid"
)


@contextmanager
def writing(world: World, url: str, database: str) -> Iterator[Callable[[], bool]]:
    """Writers at work, and transactions that commit late; gives whether they still are."""
    done = threading.Event()

    def write(places: tuple[str, ...]) -> None:
        with httpx2.Client(base_url=url, timeout=PATIENCE) as http:
            user = World(http, database).login("superUser")
            tickets = [open_ticket(user, in_patrimony(place)) for place in places]
            for nth in range(MESSAGES):
                ticket = tickets[nth % len(tickets)]
                user.events(f"tickets/{ticket}", "AddMessage", message="m", messageAddedDate=LATER)

    places = (world.patrimony, world.other_patrimony)
    late = open_ticket(world.root, in_patrimony(world.patrimony))

    def hold() -> None:
        """Take a transaction id and a position early, and commit late."""
        with psycopg.connect(database) as connection:
            for version in count(1000):
                connection.execute(LATE, {"ticket": late, "version": version})
                if done.wait(0.03):
                    return
                connection.commit()

    writers = [threading.Thread(target=write, args=(places,)) for _ in range(WRITERS)]
    holder = threading.Thread(target=hold)
    for thread in (*writers, holder):
        thread.start()
    try:
        yield lambda: any(writer.is_alive() for writer in writers)
    finally:
        for writer in writers:
            writer.join()
        done.set()
        holder.join()


def pull(user: User, after: str, chance: random.Random) -> tuple[list[Event], str]:
    """A page of a random length."""
    answer = page(user, after=after, limit=chance.randint(1, 20), wait=1)
    return [each["event"] for each in answer["events"]], answer["next"]


def listen(user: User, after: str, chance: random.Random) -> tuple[list[Event], str]:
    """What a live feed tells until it is cut off, which may be amid what is under way."""
    events: list[Event] = []
    with stream(user, after) as heard:
        for _ in range(chance.randint(0, 12)):
            # The last of all is followed by nothing: then what there is now is enough.
            if page(user, after=heard.last_id, limit=1)["events"] == []:
                break
            told = heard.heard()
            assert told is not None
            events.append(told.data)
        return events, heard.last_id


@pytest.mark.parametrize("hear", [pull, listen])
def test_each_event_comes_once_in_order(
    hear: Callable[[User, str, random.Random], tuple[list[Event], str]],
    world: World,
    url: str,
    database: str,
) -> None:
    user, chance = world.manager, random.Random(1)
    _ = world.patrimony, world.other_patrimony
    begun = page(user, after="end")["next"]
    known = len(log(database))
    events: list[Event] = []
    with writing(world, url, database) as at_work:
        after = begun
        while at_work():
            some, after = hear(user, after, chance)
            events += some
    while (answer := page(user, after=after))["events"]:
        events += [each["event"] for each in answer["events"]]
        after = answer["next"]
    with psycopg.connect(database, autocommit=True) as connection:
        mine = {
            uid
            for (uid,) in connection.execute(
                "SELECT uid::text FROM ticket WHERE company = %s", [world.company]
            )
        }
        of_mine = connection.execute(
            "SELECT process_uid::text, event_type FROM event WHERE stream = ANY(%s::uuid[])",
            [list(mine)],
        ).fetchall()
    expected = [each for each in log(database)[known:] if each in set(of_mine)]
    assert len(expected) >= WRITERS * MESSAGES / 2
    assert [key(event) for event in events] == expected
