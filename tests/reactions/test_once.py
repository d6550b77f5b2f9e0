"""A reaction is done once, whatever stops the follower or runs beside it; nothing blocks it."""

import asyncio
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from psycopg import OperationalError
from psycopg.errors import LockNotAvailable
from tests.app import close
from tests.living import running
from tests.reactions.conftest import Bridge
from tests.waiting import until

from gerance.kernel import metrics
from gerance.kernel.db import Connection
from gerance.kernel.errors import Rejection
from gerance.reactions import calls, follower, registry
from gerance.reactions.follower import MOST_TRIES, Follower
from gerance.rentals.property.entity import BUILDING


async def cut(connection: Connection, *_: Any, **__: Any) -> None:
    """The server loses its client, as when the process is killed."""
    await connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")


def called(bridge: Bridge, *followers: Follower) -> list[int]:
    """How many events followers dealt with that catch up at the same moment."""

    async def one(follower: Follower) -> int:
        try:
            return await follower.catch_up()
        except Rejection as busy:
            return int(busy.status != 503)

    async def act() -> list[int]:
        return list(await asyncio.gather(*map(one, followers)))

    portal = bridge.world.http.portal
    assert portal is not None
    return list(portal.call(act))


def count(bridge: Bridge, event_type: str) -> int:
    ((found,),) = bridge.rows("SELECT count(*) FROM event WHERE event_type = %s", event_type)
    return int(found)


def test_a_follower_that_forgot_where_it_was_does_nothing_twice(bridge: Bridge) -> None:
    call, ticket = bridge.opened(supplier_id=1)
    done, _ = bridge.opened()
    bridge.set(done, status="D")
    bridge.react()
    close(bridge.user, ticket, date="2127-01-20T08:00:00.000+01:00")
    bridge.react()
    end = bridge.end
    bridge.start_again()
    bridge.react()
    assert bridge.events(end) == []
    assert bridge.shown(call) == "D"


def test_of_followers_at_once_one_reacts(bridge: Bridge) -> None:
    followers = [bridge.follower() for _ in range(3)]
    for _ in range(3):
        bridge.call()
    opened = count(bridge, "TicketOpened")
    while not bridge.is_quiet():
        assert len([done for done in called(bridge, *followers) if done]) <= 1
    assert count(bridge, "TicketOpened") == opened + 3


def test_followers_that_both_think_to_be_alone_do_it_once(
    bridge: Bridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when one has lost its connection, and with it the lock, without noticing yet."""

    async def free(connection: object, key: object) -> bool:
        return True

    monkeypatch.setattr(follower, "try_hold", free)
    followers = [bridge.follower() for _ in range(3)]
    made = [bridge.call(supplier_id=1) for _ in range(5)]
    opened, assigned = count(bridge, "TicketOpened"), count(bridge, "AssigneeIdentified")
    # The same call twice in the log: two events may open its ticket.
    for call in made:
        bridge.set(call, description="Vite !")
    while not bridge.is_quiet():
        called(bridge, *followers)
    assert count(bridge, "TicketOpened") == opened + 5
    assert count(bridge, "AssigneeIdentified") == assigned + 5
    assert len({bridge.ticket_of(call) for call in made}) == 5
    assert [bridge.shown(call) for call in made] == ["A"] * 5
    assert bridge.failures == []


def test_killed_before_its_cursor_moved_it_does_nothing_twice(
    bridge: Bridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = bridge.call(supplier_id=1)
    before = count(bridge, "TicketOpened")
    with monkeypatch.context() as patch:
        patch.setattr(follower, "move_cursor", cut)
        with pytest.raises(OperationalError):
            bridge.react()
    ticket = bridge.ticket_of(call)
    assert not bridge.is_quiet()
    bridge.react()
    assert bridge.ticket_of(call) == ticket
    assert count(bridge, "TicketOpened") == before + 1
    assert bridge.types(ticket) == ["TicketOpened", "AssigneeIdentified"]


def test_killed_in_the_middle_it_has_opened_no_ticket(
    bridge: Bridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = bridge.call()
    before = bridge.end
    with monkeypatch.context() as patch:
        patch.setattr(calls.UnitOfWork, "change", lambda unit, *_: cut(unit.connection))
        with pytest.raises(OperationalError):
            bridge.react()
    assert bridge.events(before) == []
    assert bridge.shown(call, "ticket_uid") is None
    bridge.react()
    assert bridge.is_open(bridge.ticket_of(call))


def test_what_is_refused_is_recorded_and_the_next_is_done(bridge: Bridge) -> None:
    bridge.change(BUILDING, 1, patrimony_uid=uuid4())
    lost = bridge.call()
    bridge.react()
    bridge.change(BUILDING, 1, patrimony_uid=bridge.world.patrimony)
    _, ticket = bridge.opened()
    ((position, reaction, code),) = bridge.failures
    assert (reaction, code) == ("open-ticket", "TicketGenericError")
    assert bridge.rows("SELECT event_type FROM event WHERE position = %s", position) == [
        ("ServiceCallCreated",)
    ]
    assert bridge.shown(lost, "ticket_uid") is None
    assert bridge.is_open(ticket)
    counted = metrics.REACTIONS.labels("open-ticket", "TicketGenericError")
    assert counted._value.get() >= 1
    # Once the reason is gone, the next change of the call opens its ticket.
    bridge.set(lost, description="Toujours")
    bridge.react()
    assert bridge.is_open(bridge.ticket_of(lost))
    bridge.rows("DELETE FROM reaction_failure RETURNING position")


def failing(monkeypatch: pytest.MonkeyPatch, failure: Exception, times: int) -> list[str]:
    """Let the opening of tickets fail for the first times; which processUids were tried."""
    tried: list[str] = []
    key = ("ServiceCall", "ServiceCallCreated")
    (reaction,) = registry.REACTIONS[key]

    async def react(means: Any, event: Any, process_uid: str) -> None:
        tried.append(process_uid)
        if len(tried) <= times:
            raise failure
        await reaction.react(means, event, process_uid)  # type: ignore[arg-type]

    monkeypatch.setitem(follower.REACTIONS, key, (reaction._replace(react=react),))  # type: ignore[arg-type]
    return tried


@pytest.mark.parametrize(
    "failure",
    [LockNotAvailable("locked"), Rejection("Conflict", "busy", status=503)],
    ids=["database", "conflict"],
)
def test_what_may_be_over_soon_is_tried_again(
    bridge: Bridge, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    tried = failing(monkeypatch, failure, times=2)
    call, follower = bridge.call(), bridge.follower()
    for _ in range(2):
        with pytest.raises(type(failure)):
            bridge.react(follower)
    bridge.react(follower)
    assert len(tried) == 3
    assert len(set(tried)) == 1
    assert bridge.is_open(bridge.ticket_of(call))
    assert bridge.failures == []


@pytest.mark.parametrize(
    ("failure", "tries"),
    [(ZeroDivisionError("by zero"), 1), (LockNotAvailable("for ever"), MOST_TRIES)],
    ids=["a fault of ours", "the database for ever"],
)
def test_what_is_never_over_does_not_stop_the_rest(
    bridge: Bridge, monkeypatch: pytest.MonkeyPatch, failure: Exception, tries: int
) -> None:
    tried = failing(monkeypatch, failure, times=tries)
    lost, call, follower = bridge.call(), bridge.call(), bridge.follower()
    for _ in range(tries - 1):
        with pytest.raises(type(failure)):
            bridge.react(follower)
    bridge.react(follower)
    assert len(tried) == tries + 1
    assert bridge.shown(lost, "ticket_uid") is None
    assert bridge.is_open(bridge.ticket_of(call))
    ((_, reaction, code),) = bridge.failures
    assert (reaction, code) == ("open-ticket", type(failure).__name__)
    bridge.rows("DELETE FROM reaction_failure RETURNING position")


def test_the_application_reacts_by_itself(bridge: Bridge, tmp_path: Path) -> None:
    call = bridge.call()
    with running(bridge.database, tmp_path, jobs_inside=True):
        until(lambda: bridge.shown(call, "ticket_uid") is not None)
    assert bridge.is_open(bridge.ticket_of(call))
