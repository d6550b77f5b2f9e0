"""The engine delivers at least once, in order per endpoint and stream, and says what came of it."""

import asyncio
from datetime import timedelta
from itertools import pairwise
from uuid import uuid4

import pytest
from standardwebhooks import Webhook
from tests.kernel.webhooks.engine import Clock, engine
from tests.receiving import Receiver, receiving

from gerance.kernel import keyring
from gerance.kernel.errors import Rejection
from gerance.kernel.stored_secrets import ENDPOINT_SECRET
from gerance.kernel.webhooks import engine as delivery_engine
from gerance.kernel.webhooks.endpoints import (
    endpoint_of,
    load_webhook_endpoint,
    rotate_secret,
    set_state,
)
from gerance.kernel.webhooks.notify import WorkerNotifier
from gerance.kernel.webhooks.operator_queries import bring_to_state
from gerance.kernel.webhooks.replay import give_up, replay_failed, replay_one, replay_since


def test_an_endpoint_is_told_of_what_it_wants(database: str) -> None:
    async def story() -> None:
        async with engine(database) as it, receiving() as receiver:
            uid = await it.endpoint(receiver.url, headers=[("X-Own", "mine")])
            position = await it.happen()
            await it.happen(category="another")
            await it.happen("Secret")
            assert await it.deliver() == 2
            (call,) = receiver.received
            assert call.json()["position"] == position
            assert call.headers["x-own"] == "mine"
            assert call.headers["gerance-position"] == str(position)
            assert call.headers["webhook-id"] == f"evt_{position}"
            assert await it.rows("SELECT 1 FROM outbox WHERE endpoint = %s", uid) == []
            assert await it.rows(
                "SELECT position, outcome, status, attempt FROM delivery WHERE endpoint = %s", uid
            ) == [(position, "delivered", 204, 1)]

    asyncio.run(story())


def test_a_scope_leaves_out_what_is_somebody_else_s(database: str) -> None:
    async def story() -> None:
        async with engine(database) as it, receiving() as receiver:
            scoped = await it.endpoint(receiver.url, scope={"of": "A"})
            everything = await it.endpoint(receiver.url)
            own = await it.happen(data=b'{"of": "A", "n": 1}')
            other = await it.happen(data=b'{"of": "B", "n": 2}')
            nobodys = await it.happen(data=b'{"n": {"of": "A"}}')
            owed = "SELECT position FROM outbox WHERE endpoint = %s ORDER BY position"
            assert await it.rows(owed, scoped) == [(own,)]
            assert await it.rows(owed, everything) == [(own,), (other,), (nobodys,)]
            await it.deliver()
            async with it.pool.connection() as connection:
                since = it.clock() - timedelta(hours=1)
                assert await replay_since(connection, scoped, since) == 1
            assert await it.rows(owed, scoped) == [(own,)]

    asyncio.run(story())


def test_every_signature_verifies_while_a_secret_is_rotated(database: str) -> None:
    async def story() -> None:
        async with engine(database) as it, receiving() as receiver:
            uid = await it.endpoint(receiver.url)
            async with it.pool.connection() as connection:
                (stored,) = (
                    await load_webhook_endpoint(connection, "plain", "somebody", uid)
                ).secrets
                old = keyring.decrypt(ENDPOINT_SECRET, uid, stored)
                new = await rotate_secret(connection, uid, owner="somebody", overlap_seconds=3600)
            await it.happen()
            await it.deliver()
            (call,) = receiver.received
            for secret in (old, new):
                assert Webhook(secret).verify(call.body, call.headers)

    asyncio.run(story())


def test_a_stream_waits_for_its_oldest_event_and_others_do_not(database: str) -> None:
    clock = Clock()

    async def story() -> None:
        async with engine(database, clock) as it, receiving() as receiver:
            await it.endpoint(receiver.url)
            ill, well = str(uuid4()), str(uuid4())
            receiver.answer = lambda call: 500 if call.json()["stream"] == ill else 204
            positions = [await it.happen(stream=stream) for stream in (ill, ill, well, well)]
            await it.deliver()
            assert told(receiver) == [positions[0], positions[2], positions[3]]
            receiver.answer = lambda call: 204
            clock.pass_by(seconds=6)
            await it.deliver()
            assert told(receiver)[3:] == positions[:2]

    asyncio.run(story())


def test_calls_that_fail_are_made_again_for_75_hours(database: str) -> None:
    clock = Clock()

    async def story() -> None:
        async with engine(database, clock) as it, receiving() as receiver:
            receiver.answer = lambda call: 503
            uid = await it.endpoint(receiver.url)
            first = await it.happen(stream=(stream := str(uuid4())))
            await it.happen(stream=stream)
            began, at = clock.now, []
            while await it.deliver():
                at.append(clock.now - began)
                if due := await it.rows(
                    "SELECT due FROM outbox WHERE failures > 0 AND isfinite(due)"
                ):
                    clock.now = due[0][0] - timedelta(milliseconds=1)
                    assert await it.deliver() == 0
                    clock.pass_by(milliseconds=1)
            steps = [(later - earlier).total_seconds() for earlier, later in pairwise(at)]
            expected = [5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400]
            for step, seconds in zip(steps, expected, strict=True):
                assert seconds <= step <= seconds * 1.1
            assert timedelta(hours=75) < at[-1] < timedelta(hours=84)
            clock.pass_by(days=30)
            assert await it.deliver() == 0
            async with it.pool.connection() as connection:
                kept = await endpoint_of(connection, "plain", "somebody", uid)
                assert (kept.waiting, kept.failing, kept.dead) == (2, 0, 1)
                receiver.answer = lambda call: 204
                assert await replay_failed(connection, uid) >= 1
            await it.deliver()
            assert told(receiver)[-2:] == [first, first + 1]

    asyncio.run(story())


def told(receiver: Receiver) -> list[int]:
    """The positions that a receiver was told of, in the order of the calls."""
    return [call.json()["position"] for call in receiver.received]


def test_an_event_that_is_given_up_lets_its_stream_go_on(database: str) -> None:
    clock = Clock()

    async def story() -> None:
        async with engine(database, clock) as it, receiving() as receiver:
            uid = await it.endpoint(receiver.url)
            receiver.answer = lambda call: 400
            stream = str(uuid4())
            first, second = await it.happen(stream=stream), await it.happen(stream=stream)
            await it.deliver()
            receiver.answer = lambda call: 204
            async with it.pool.connection() as connection:
                assert await give_up(connection, uid, first)
                assert not await give_up(connection, uid, first)
            await it.deliver()
            assert told(receiver) == [first, second]

    asyncio.run(story())


def test_one_event_or_all_since_a_moment_are_told_again(database: str) -> None:
    async def story() -> None:
        async with engine(database) as it, receiving() as receiver:
            before = it.clock()
            uid = await it.endpoint(receiver.url, category="told again")
            positions = [await it.happen(category="told again") for _ in range(3)]
            never = await it.happen(category="of others")
            await it.deliver()
            async with it.pool.connection() as connection:
                assert await replay_one(connection, uid, positions[1])
                assert not await replay_one(connection, uid, never)
                await it.deliver()
                assert told(receiver)[3:] == [positions[1]]
                assert await replay_since(connection, uid, before) == 3
            await it.deliver()
            assert sorted(told(receiver)[4:]) == positions
            ids = {call.headers["webhook-id"] for call in receiver.received}
            assert len(ids) == 3

    asyncio.run(story())


def test_who_tells_again_waits_for_no_worker(database: str) -> None:
    async def story() -> None:
        async with engine(database) as it, receiving() as receiver:
            receiver.answer = lambda call: 503
            uid, begun = await it.endpoint(receiver.url), it.clock()
            first, _ = [await it.happen() for _ in range(2)]
            await it.deliver()
            async with it.pool.connection() as worker, it.pool.connection() as connection:
                await connection.execute("SET lock_timeout = '10s'")
                async with worker.transaction():
                    locked = "SELECT FROM outbox WHERE position = %s FOR UPDATE"
                    await worker.execute(locked, [first])
                    assert await replay_failed(connection, uid) == 1
                    assert await replay_since(connection, uid, begun) == 2
                assert await replay_failed(connection, uid) == 1
            assert await it.deliver() == 2

    asyncio.run(story())


def test_gone_switches_off_and_nothing_more_is_kept_for_it(database: str) -> None:
    async def story() -> None:
        async with engine(database) as it, receiving() as receiver:
            receiver.answer = lambda call: 410
            uid = await it.endpoint(receiver.url)
            await it.happen()
            await it.deliver()
            await it.happen()
            async with it.pool.connection() as connection:
                kept = await endpoint_of(connection, "plain", "somebody", uid)
                assert (kept.state, kept.reason, kept.waiting) == ("off", "gone", 1)
                receiver.answer = lambda call: 204
                await set_state(connection, uid, "active", actor="somebody")
                await replay_failed(connection, uid)
            assert await it.deliver() == 1

    asyncio.run(story())


def test_what_an_operator_switched_off_its_owner_does_not_switch_on(database: str) -> None:
    async def story() -> None:
        async with engine(database) as it, it.pool.connection() as connection:
            uid = await it.endpoint("http://127.0.0.1:9/")
            await bring_to_state(connection, uid, "off")
            for state in ("active", "paused"):
                with pytest.raises(Rejection, match="An operator has paused"):
                    await set_state(connection, uid, state, actor="somebody")
            await bring_to_state(connection, uid, "active")
            await set_state(connection, uid, "paused", actor="somebody")

    asyncio.run(story())


def test_what_an_operator_switched_off_stays_so_whatever_is_answered_meanwhile(
    database: str,
) -> None:
    async def story() -> None:
        async with engine(database) as it, receiving() as receiver:
            receiver.answer = lambda call: 410
            uid, gone = await it.endpoint(receiver.url), await it.endpoint(receiver.url)
            await it.happen()
            assert await it.deliverer.turn() == 2
            async with it.pool.connection() as connection:
                await bring_to_state(connection, uid, "off")
                await it.deliverer.settle()
                for each, reason in ((uid, "operator"), (gone, "gone")):
                    kept = await endpoint_of(connection, "plain", "somebody", each)
                    assert (kept.state, kept.reason) == ("off", reason)
                # What is off already is then the operator's to switch on, too.
                await bring_to_state(connection, gone, "off")
                with pytest.raises(Rejection, match="An operator has paused"):
                    await set_state(connection, gone, "active", actor="somebody")

    asyncio.run(story())


def test_an_endpoint_that_fails_for_five_days_is_switched_off(database: str) -> None:
    clock = Clock()

    async def story() -> None:
        async with engine(database, clock) as it, receiving() as receiver:
            receiver.answer = lambda call: 500
            uid = await it.endpoint(receiver.url)
            for _ in range(6):
                await it.happen()
                await it.deliver()
                clock.pass_by(days=1)
            async with it.pool.connection() as connection:
                kept = await endpoint_of(connection, "plain", "somebody", uid)
            assert (kept.state, kept.reason) == ("off", "failing")

    asyncio.run(story())


def test_retry_after_holds_the_whole_endpoint(database: str) -> None:
    clock = Clock()

    async def story() -> None:
        async with engine(database, clock) as it, receiving() as receiver:
            receiver.answer = lambda call: (429, "Retry-After: 120\r\n")
            await it.endpoint(receiver.url)
            await it.happen()
            await it.deliver()
            receiver.answer = lambda call: 204
            await it.happen()
            clock.pass_by(seconds=60)
            assert await it.deliver() == 0
            clock.pass_by(seconds=61)
            assert await it.deliver() == 2

    asyncio.run(story())


def test_retry_after_holds_an_endpoint_that_takes_other_calls(database: str) -> None:
    clock = Clock()

    async def story() -> None:
        async with engine(database, clock) as it, receiving() as receiver:
            await it.endpoint(receiver.url)
            refused, _ = [await it.happen() for _ in range(2)]
            receiver.answer = lambda call: (
                (429, "Retry-After: 60\r\n") if call.json()["position"] == refused else 204
            )
            assert await it.deliver() == 2
            await it.happen()
            assert await it.deliver() == 0
            clock.pass_by(seconds=61)
            receiver.answer = lambda call: 204
            assert await it.deliver() == 2

    asyncio.run(story())


def test_a_paused_endpoint_is_told_later(database: str) -> None:
    async def story() -> None:
        async with engine(database) as it, receiving() as receiver:
            uid = await it.endpoint(receiver.url)
            async with it.pool.connection() as connection:
                await set_state(connection, uid, "paused", actor="somebody")
                await it.happen()
                assert await it.deliver() == 0
                await set_state(connection, uid, "active", actor="somebody")
            assert await it.deliver() == 1

    asyncio.run(story())


def test_a_backlog_is_told_at_the_endpoints_rate(database: str) -> None:
    clock = Clock()

    async def story() -> None:
        async with engine(database, clock) as it, receiving() as receiver:
            await it.endpoint(receiver.url, rate=20)
            for _ in range(50):
                await it.happen()
            calls = []
            for _ in range(40):
                calls.append(await it.deliver())
                clock.pass_by(seconds=0.1)
            assert sum(calls) == 50
            assert max(calls) <= 2
            assert max(sum(calls[nth : nth + 10]) for nth in range(30)) <= 22

    asyncio.run(story())


def test_a_call_whose_end_nobody_recorded_is_made_again(database: str) -> None:
    clock = Clock()

    async def story() -> None:
        async with engine(database, clock) as it, receiving() as receiver:
            await it.endpoint(receiver.url)
            await it.happen()
            crashed = it.deliverer
            await crashed.turn()
            await receiver.until_count(1)
            async with engine(database, clock, beside=True) as other:
                assert await other.deliver() == 0
                clock.pass_by(seconds=31)
                assert await other.deliver() == 1
            assert await it.rows("SELECT 1 FROM outbox") == []
            await crashed.settle()
            assert (
                await it.rows("SELECT attempt, outcome FROM delivery WHERE url = %s", receiver.url)
                == [(1, "delivered")] * 2
            )

    asyncio.run(story())


def test_a_sleeping_worker_is_woken(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # It looks for nothing by itself: neither once a second, nor sooner while it has just lain down.
    monkeypatch.setattr(delivery_engine, "POLL_SECONDS", 3600.0)
    monkeypatch.setattr(WorkerNotifier, "idle_seconds", lambda _: 3600.0)

    async def story() -> None:
        async with engine(database) as it, receiving() as receiver:
            await it.endpoint(receiver.url)
            async with it.running():
                await it.until("SELECT 1 FROM sleeper")
                await it.happen()
                await receiver.until_count(1)
                await it.until("SELECT 1 WHERE NOT EXISTS (SELECT FROM outbox)")

    asyncio.run(story())
