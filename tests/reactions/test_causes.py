"""Why something happened is in the log; what reacts to what comes to an end."""

import random

import pytest
from tests.app import assign, close
from tests.living import contents
from tests.reactions.conftest import Bridge

from gerance.incidents.rebuild import rebuild
from gerance.reactions.ticket_commands import ACTOR
from gerance.rentals.writing.events import stream_uid

DAY = "2127-01-20T08:00:00.000+01:00"


def test_each_event_names_the_one_that_caused_it(bridge: Bridge) -> None:
    before = bridge.end
    call, ticket = bridge.opened(supplier_id=1)
    call_uid = str(stream_uid(call))
    created, opened, linked, assigned, followed = bridge.events(before)
    assert created[1:] == (call_uid, "ServiceCallCreated", None)
    assert opened[1:] == (ticket, "TicketOpened", created[0])
    assert linked[1:] == (call_uid, "ServiceCallChanged", created[0])
    assert assigned[1:] == (ticket, "AssigneeIdentified", linked[0])
    assert followed[1:] == (call_uid, "ServiceCallChanged", assigned[0])
    query = (
        "SELECT version, caused_by, user_uid::text FROM odata.ticket_event WHERE ticket_uid = %s"
    )
    assert sorted(bridge.rows(query, ticket)) == [(1, created[0], ACTOR), (2, linked[0], ACTOR)]


def test_what_a_user_does_has_no_cause(bridge: Bridge) -> None:
    call, ticket = bridge.opened()
    before = bridge.end
    close(bridge.user, ticket, date=DAY)
    bridge.react()
    closed, followed = bridge.events(before)
    assert closed[1:] == (ticket, "TicketClosed", None)
    assert followed[1:] == (str(stream_uid(call)), "ServiceCallChanged", closed[0])


@pytest.mark.parametrize("seed", range(4))
def test_whatever_both_sides_do_at_once_it_comes_to_rest(bridge: Bridge, seed: int) -> None:
    """Users act on both sides, the follower sees it late: no event is answered for ever."""
    chance = random.Random(seed)
    call, ticket = bridge.opened(supplier_id=chance.choice([None, 1]))
    acts = [
        lambda: bridge.set(call, status=chance.choice("OAPDX")),
        lambda: bridge.set(call, supplier_id=chance.choice([None, 1])),
        lambda: close(bridge.user, ticket, date=DAY),
        lambda: assign(bridge.user, ticket, bridge.contact),
        lambda: bridge.user.events(f"tickets/{ticket}", "ReopenTicket", date=DAY),
    ]
    before, acted = bridge.end, 0
    for _ in range(6):
        for _ in range(chance.randint(1, 4)):
            end = bridge.end
            chance.choice(acts)()
            # What changes nothing has no event.
            acted += bridge.end > end
        bridge.react()
    causes = [cause for *_, cause in bridge.events(before)]
    by_users = causes.count(None)
    assert by_users == acted
    assert len(causes) - by_users <= 2 * by_users
    assert bridge.failures == []
    assert bridge.is_quiet()
    if bridge.shown(call) in "DX":
        bridge.set(call, status="X")
        bridge.react()
        assert not bridge.is_open(ticket)


def test_no_chain_is_longer_than_its_longest_way(bridge: Bridge) -> None:
    ((longest,),) = bridge.rows(
        "WITH RECURSIVE chain AS (SELECT position, 1 AS length FROM event WHERE caused_by IS NULL"
        " UNION ALL SELECT e.position, c.length + 1 FROM event e JOIN chain c"
        " ON e.caused_by = c.position) SELECT max(length) FROM chain"
    )
    # A call, its TicketUid, who is in charge of the ticket, the call's status.
    assert longest == 4


def test_the_read_side_is_made_again_from_what_reactions_did(bridge: Bridge) -> None:
    bridge.opened(supplier_id=1)
    before = contents(bridge.database)
    bridge.rows("UPDATE ticket SET closed = NOT closed RETURNING uid")
    bridge.rows("UPDATE stream SET state = '{}' WHERE category = 'ticket' RETURNING uid")
    rebuild(bridge.database, lambda done, total: None)
    after = contents(bridge.database)
    assert [table for table in before if after[table] != before[table]] == []
