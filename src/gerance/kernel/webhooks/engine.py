"""The delivery engine: claims pending deliveries, sends the requests, records the attempts.

Any number of processes run it at the same time. Requests are sent outside any transaction. After a
crash between a request and its record the delivery is sent once more; none is lost.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from math import inf

import structlog
from psycopg import OperationalError
from psycopg_pool import PoolTimeout

from gerance.kernel.background import repeat
from gerance.kernel.db import Connection, Pool
from gerance.kernel.metrics import count_delivery
from gerance.kernel.webhooks.attempts import Attempt, message_id, record
from gerance.kernel.webhooks.backoff import next_attempt
from gerance.kernel.webhooks.claim import ClaimBatch, Marks, claim, delete_orphans, park
from gerance.kernel.webhooks.client import RequestOutcome, WebhookClient
from gerance.kernel.webhooks.endpoints import set_state
from gerance.kernel.webhooks.flavours import Flavour, Message, PendingDelivery
from gerance.kernel.webhooks.notify import WorkerNotifier
from gerance.kernel.webhooks.request import send

log = structlog.get_logger("gerance.deliveries")

MOST_RUNNING = 256
"""Requests that one process sends at the same time."""
MOST_BYTES_RUNNING = 16 * 1024 * 1024
"""Bytes of their events in total; the last event may exceed it."""
MOST_PER_ENDPOINT = 32
"""Requests to one endpoint at the same time; fewer while it fails."""
PACE_SECONDS = 0.004
"""Pause between two claims, so that rows are claimed in batches."""
POLL_SECONDS = 1.0
LEAST_PAUSE_SECONDS = 0.01
AWAKE_SECONDS = 0.1
"""After this time without anything to claim, a worker registers as idle."""
GATHER_SECONDS = 0.002
COMPLETE_SECONDS = 1.0
"""Pause between two claims without marks (`claim.Marks`), when these are fast."""
COMPLETE_SHARE = 20
"""That pause is at least this many times as long as such a claim takes."""
CLEAN_SECONDS = 60.0
GRACE_SECONDS = 5.0
RETRY_SECONDS = 0.5
STATUS_GONE = 410


def lease_seconds(timeout: float) -> float:
    """How long a row is claimed for, when a request takes at most `timeout` seconds."""
    return 2 * timeout + 1


class Deliverer:
    """Delivers the events that endpoints of some flavours are subscribed to.

    `clock`: returns the present moment in UTC.
    """

    def __init__(
        self,
        pool: Pool,
        client: WebhookClient,
        flavours: Mapping[str, Flavour],
        *,
        lease: float,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._pool = pool
        self._client = client
        self._flavours = flavours
        self._lease = timedelta(seconds=lease)
        self._clock = clock
        self._attempts_running: set[asyncio.Task[None]] = set()
        self._unrecorded = 0  # claimed and not recorded yet: sent again after a crash
        self._unrecorded_bytes = 0
        self._running: Counter[str] = Counter()
        self._capacity: dict[str, int] = {}
        self._attempts: list[Attempt] = []
        self._has_attempts = asyncio.Event()
        self._notifier = WorkerNotifier(pool)
        self._marks = Marks()
        self._blocked = False
        self._claimed_at = 0.0
        self._complete_at = self._marks_moved_at = self._cleaned_at = 0.0
        self._rate_due_at = 0.0

    async def run(self, url: str) -> None:
        """Deliver until cancelled. Requests in flight then have some seconds to end."""
        loops = [
            asyncio.ensure_future(
                repeat(
                    loop,
                    seconds=RETRY_SECONDS,
                    retry_seconds=RETRY_SECONDS,
                    failure="deliveries are delayed; trying again",
                    log=log,
                )
            )
            for loop in (self._claim_loop, lambda: self._notifier.listen(url), self._record_loop)
        ]
        try:
            await asyncio.gather(*loops)
        finally:
            for loop in loops:
                if not loop.cancelling():
                    loop.cancel()
            await asyncio.gather(*loops, return_exceptions=True)
            if self._attempts_running:
                await asyncio.wait(self._attempts_running, timeout=GRACE_SECONDS)
            for task in self._attempts_running:
                task.cancel()
            with suppress(OperationalError, PoolTimeout):
                await self._record_all()
                await self._notifier.unregister()

    async def turn(self, *, complete: bool = True) -> int:
        """Claim rows once and start their requests. Returns how many.

        `complete`: read the whole queues, without marks.
        """
        if complete and time.monotonic() - self._marks_moved_at > COMPLETE_SECONDS:
            self._marks_moved_at = time.monotonic()
            self._marks.move(self._clock())
        marks = Marks() if complete else self._marks
        now = self._clock()
        messages: Sequence[Message | Exception | None] = []
        async with self._pool.connection() as connection:
            batch = await self._claim(connection, now, marks)
            if batch.deliveries:
                self._note_rates(batch.deliveries)
                messages = await self._render(connection, batch.deliveries)
        if self._clock() - now > self._lease / 2:
            # This worker was slow: by now another one may send them.
            log.warning("claimed rows are left to other workers", rows=len(batch.deliveries))
            return 0
        for each, message in zip(batch.deliveries, messages, strict=True):
            self._start(each, message)
        if batch.blocked_endpoints:
            async with self._pool.connection() as connection:
                parked = await park(connection, batch.blocked_endpoints, marks)
            if parked and not batch.deliveries:
                return await self.turn(complete=complete)
        self._blocked = bool(batch.blocked_endpoints)
        return len(batch.deliveries)

    async def _claim(self, connection: Connection, now: datetime, marks: Marks) -> ClaimBatch:
        batch = await claim(
            connection,
            now=now,
            lease=now + self._lease,
            limit=MOST_RUNNING - self._unrecorded,
            most_bytes=MOST_BYTES_RUNNING - self._unrecorded_bytes,
            default_capacity=MOST_PER_ENDPOINT,
            capacities={
                uid: max(0, self._capacity.get(uid, MOST_PER_ENDPOINT) - self._running[uid])
                for uid in self._running.keys() | self._capacity.keys()
            },
            flavours=list(self._flavours),
            marks=marks,
        )
        self._marks.note(batch.positions)
        return batch

    async def settle(self) -> None:
        """Wait for the requests in flight, and record them."""
        while self._attempts_running:
            await asyncio.wait(set(self._attempts_running))
        await self._record_all()

    async def _claim_loop(self) -> None:
        """Claim what is due; register as idle when there is nothing."""
        while True:
            self._notifier.wakeup.clear()
            began = time.monotonic()
            if self._unrecorded >= MOST_RUNNING or self._unrecorded_bytes >= MOST_BYTES_RUNNING:
                await self._notifier.wait(POLL_SECONDS)
            elif await self._next_turn():
                self._claimed_at = time.monotonic()
                await self._notifier.unregister()
                await asyncio.sleep(PACE_SECONDS)
            elif self._blocked or began - self._claimed_at < AWAKE_SECONDS:
                await self._notifier.wait(LEAST_PAUSE_SECONDS)
            elif not await self._notifier.register_idle():
                await self._notifier.wait(self._pause())
            await self._delete_orphans()

    async def _next_turn(self) -> int:
        """A turn; from time to time a complete one."""
        began = time.monotonic()
        complete = began >= self._complete_at
        count = await self.turn(complete=complete)
        if complete:
            ended = time.monotonic()
            self._complete_at = ended + max(COMPLETE_SECONDS, COMPLETE_SHARE * (ended - began))
        return count

    async def _delete_orphans(self) -> None:
        """Delete rows of deleted endpoints from time to time."""
        if time.monotonic() - self._cleaned_at > CLEAN_SECONDS:
            self._cleaned_at = time.monotonic()
            async with self._pool.connection() as connection:
                await delete_orphans(connection)

    def _pause(self) -> float:
        """Seconds until the next claim, unless a notification comes first."""
        left = self._rate_due_at - time.monotonic()
        # A write that began before this worker was idle does not notify it and may end soon.
        longest = min(POLL_SECONDS, self._notifier.idle_seconds() if left <= 0 else left)
        return max(LEAST_PAUSE_SECONDS, longest)

    def _note_rates(self, deliveries: Sequence[PendingDelivery]) -> None:
        """Claim again when endpoints with a limited rate have capacity again."""
        rates = [each.endpoint.rate for each in deliveries if each.endpoint.rate is not None]
        if rates:
            now = time.monotonic()
            before = self._rate_due_at if self._rate_due_at > now else inf
            self._rate_due_at = min(before, now + 1 / max(rates))

    async def _render(
        self, connection: Connection, deliveries: Sequence[PendingDelivery]
    ) -> Sequence[Message | Exception | None]:
        """The messages, in the order of the deliveries; an exception where one cannot be
        rendered."""
        messages: list[Message | Exception | None] = [None] * len(deliveries)
        by_flavour: dict[str, list[int]] = {}
        for nth, each in enumerate(deliveries):
            by_flavour.setdefault(each.endpoint.flavour, []).append(nth)
        for name, indexes in by_flavour.items():
            flavour = self._flavours[name]
            batch = [deliveries[nth] for nth in indexes]
            for nth, message in zip(
                indexes, await _render(flavour, connection, batch), strict=True
            ):
                messages[nth] = message
        return messages

    def _start(self, delivery: PendingDelivery, message: Message | Exception | None) -> None:
        """Start a request. A delivery without a message is recorded as withheld."""
        self._unrecorded += 1
        self._unrecorded_bytes += len(delivery.data)
        if isinstance(message, Message):
            self._running[delivery.endpoint.uid] += 1
            task = asyncio.ensure_future(self._attempt(delivery, message))
            self._attempts_running.add(task)
            task.add_done_callback(self._attempts_running.discard)
            return
        if message is None:
            self._add(Attempt(delivery, None, "withheld", self._clock()))
        else:
            self._fail(delivery, message)

    def _fail(self, delivery: PendingDelivery, error: Exception) -> None:
        """Add a failed attempt for a message that could not be rendered or sent."""
        log.error("message not rendered", position=delivery.position, reason=repr(error))
        now = self._clock()
        due = next_attempt(delivery.failures + 1, now)
        outcome = "dead" if due is None else "failed"
        detail = f"The message could not be rendered: {type(error).__name__}."
        self._add(
            Attempt(delivery, None, outcome, now, failure="rendering", detail=detail, due=due)
        )

    async def _attempt(self, delivery: PendingDelivery, message: Message) -> None:
        uid, at = delivery.endpoint.uid, self._clock()
        try:
            outcome = await send(
                self._client,
                delivery.endpoint,
                message,
                message_id=message_id(delivery),
                now=at,
                position=delivery.position,
            )
        except Exception as failure:
            # Any exception of ours: the attempt fails and the engine continues with the others.
            self._fail(delivery, failure)
            return
        finally:
            self._running[uid] -= 1
            if not self._running[uid]:
                del self._running[uid]
        self._note_health(uid, outcome.failure is None)
        self._add(_result(delivery, message, outcome, at, self._clock()))

    def _note_health(self, uid: str, succeeded: bool) -> None:
        """Adjust the capacity of an endpoint: half after a failure, one more after a success."""
        capacity = self._capacity.pop(uid, MOST_PER_ENDPOINT)
        capacity = capacity + 1 if succeeded else capacity // 2
        if capacity < MOST_PER_ENDPOINT:
            self._capacity[uid] = max(1, capacity)

    def _add(self, attempt: Attempt) -> None:
        self._attempts.append(attempt)
        self._has_attempts.set()

    async def _record_loop(self) -> None:
        """Record attempts, many in one transaction."""
        while True:
            await self._has_attempts.wait()
            await asyncio.sleep(GATHER_SECONDS)
            self._has_attempts.clear()
            await self._record_all()
            self._notifier.wakeup.set()

    async def _record_all(self) -> None:
        attempts, self._attempts = self._attempts, []
        if not attempts:
            return
        now = self._clock()
        try:
            async with self._pool.connection() as connection:
                failing_endpoints = await record(connection, attempts, now)
        except BaseException:
            # A cancellation too: what is not recorded must be recorded later.
            self._attempts = attempts + self._attempts
            self._has_attempts.set()
            raise
        self._unrecorded -= len(attempts)
        self._unrecorded_bytes -= sum(len(each.delivery.data) for each in attempts)
        for each in attempts:
            count_delivery(each.delivery.endpoint.flavour, each.outcome)
        gone_endpoints = {
            each.delivery.endpoint.uid for each in attempts if each.status == STATUS_GONE
        }
        for uid in gone_endpoints | set(failing_endpoints):
            await self._switch_off(uid, "gone" if uid in gone_endpoints else "failing")

    async def _switch_off(self, uid: str, reason: str) -> None:
        log.warning("endpoint switched off", endpoint=uid, reason=reason)
        async with self._pool.connection() as connection:
            await set_state(connection, uid, "off", actor="delivery", reason=reason)


def _result(
    delivery: PendingDelivery,
    message: Message,
    outcome: RequestOutcome,
    at: datetime,
    now: datetime,
) -> Attempt:
    """The attempt that an outcome makes: delivered, failed (retried later) or dead."""
    due = held_until = None
    result = "delivered"
    if outcome.failure is not None:
        due = next_attempt(delivery.failures + 1, now, outcome.retry_after)
        result = "dead" if due is None else "failed"
        if outcome.retry_after and outcome.status in (429, 503):
            held_until = now + timedelta(seconds=outcome.retry_after)
    return Attempt(
        delivery,
        message,
        result,
        at,
        outcome.duration,
        outcome.status,
        outcome.failure,
        outcome.detail,
        outcome.body,
        due,
        held_until,
    )


async def _render(
    flavour: Flavour, connection: Connection, deliveries: Sequence[PendingDelivery]
) -> Sequence[Message | Exception | None]:
    """The messages. When rendering fails, each is rendered by itself, so one does not fail
    others."""
    try:
        return await flavour.render(connection, deliveries)
    except OperationalError:
        raise
    except Exception as failure:
        # Any exception of a flavour: it fails one delivery, not the batch.
        if len(deliveries) == 1:
            return [failure]
    return [(await _render(flavour, connection, [each]))[0] for each in deliveries]
