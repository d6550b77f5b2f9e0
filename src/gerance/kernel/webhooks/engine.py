"""The delivery engine: takes what is owed, calls, records what became of it, again and again.

Any number of processes do so at once. A call happens outside any transaction; a crash between
call and record means that it is made once more, never that it is lost.
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
from gerance.kernel.webhooks.claim import ClaimBatch, Marks, claim, forget, park
from gerance.kernel.webhooks.client import RequestOutcome, WebhookClient
from gerance.kernel.webhooks.endpoints import set_state
from gerance.kernel.webhooks.flavours import Flavour, Message, PendingDelivery
from gerance.kernel.webhooks.notify import WorkerNotifier
from gerance.kernel.webhooks.request import send

log = structlog.get_logger("gerance.deliveries")

AT_ONCE = 256
"""Calls that one process makes at the same time."""
BYTES_AT_ONCE = 16 * 1024 * 1024
"""So large are the events that they tell of, all together; the last one may go beyond."""
AT_ONCE_TO_ONE = 32
"""Those of them that go to one endpoint; fewer while it fails."""
PACE_SECONDS = 0.004
"""Between two takings: rows are taken in batches."""
POLL_SECONDS = 1.0
LEAST_PAUSE_SECONDS = 0.01
AWAKE_SECONDS = 0.1
"""After so long without anything to take, a worker lies down."""
GATHER_SECONDS = 0.002
COMPLETE_SECONDS = 1.0
"""Between two passes over the queues without marks (`claim.Marks`), when those take no time."""
COMPLETE_SHARE = 20
"""So many times longer than such a pass takes is the pause after it, at least."""
FORGET_SECONDS = 60.0
GRACE_SECONDS = 5.0
TROUBLE_SECONDS = 0.5
GONE = 410


def lease_seconds(timeout: float) -> float:
    """How long a row is taken for, when a call takes `timeout` seconds at most."""
    return 2 * timeout + 1


class Deliverer:
    """Delivers what the endpoints of some flavours are owed; run it with `run`.

    `clock`: gives the present moment in UTC.
    """

    def __init__(
        self,
        pool: Pool,
        caller: WebhookClient,
        flavours: Mapping[str, Flavour],
        *,
        lease: float,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._pool = pool
        self._caller = caller
        self._flavours = flavours
        self._lease = timedelta(seconds=lease)
        self._clock = clock
        self._calls: set[asyncio.Task[None]] = set()
        self._open = 0  # taken and not recorded yet: what a crash makes us do again
        self._open_bytes = 0
        self._under_way: Counter[str] = Counter()
        self._most: dict[str, int] = {}
        self._told: list[Attempt] = []
        self._spoken = asyncio.Event()
        self._alarm = WorkerNotifier(pool)
        self._marks = Marks()
        self._behind = False
        self._taken_at = 0.0
        self._complete_at = self._moved = self._forgotten = 0.0
        self._again_at = 0.0

    async def run(self, url: str) -> None:
        """Deliver until cancelled; then calls under way are given some seconds to end."""
        loops = [
            asyncio.ensure_future(
                repeat(
                    loop,
                    seconds=TROUBLE_SECONDS,
                    retry_seconds=TROUBLE_SECONDS,
                    failure="deliveries are held up; trying again",
                    log=log,
                )
            )
            for loop in (self._take_on, lambda: self._alarm.listen(url), self._write_down)
        ]
        try:
            await asyncio.gather(*loops)
        finally:
            for loop in loops:
                if not loop.cancelling():
                    loop.cancel()
            await asyncio.gather(*loops, return_exceptions=True)
            if self._calls:
                await asyncio.wait(self._calls, timeout=GRACE_SECONDS)
            for call in self._calls:
                call.cancel()
            with suppress(OperationalError, PoolTimeout):
                await self._record_all()
                await self._alarm.unregister()

    async def turn(self, *, complete: bool = True) -> int:
        """Claim rows and begin their calls, once; how many.

        `complete`: without marks, so nothing is passed over.
        """
        if complete and time.monotonic() - self._moved > COMPLETE_SECONDS:
            self._moved = time.monotonic()
            self._marks.move(self._clock())
        marks = Marks() if complete else self._marks
        now = self._clock()
        messages: Sequence[Message | Exception | None] = []
        async with self._pool.connection() as connection:
            claimed = await self._claim(connection, now, marks)
            if claimed.owed:
                self._mind_rates(claimed.owed)
                messages = await self._rendered(connection, claimed.owed)
        if self._clock() - now > self._lease / 2:
            # We were held up, and would call when the rows are somebody else's.
            log.warning("rows left to whoever takes them next", rows=len(claimed.owed))
            return 0
        for each, message in zip(claimed.owed, messages, strict=True):
            self._begin(each, message)
        if claimed.behind:
            async with self._pool.connection() as connection:
                parked = await park(connection, claimed.behind, marks)
            if parked and not claimed.owed:
                return await self.turn(complete=complete)
        self._behind = bool(claimed.behind)
        return len(claimed.owed)

    async def _claim(self, connection: Connection, now: datetime, marks: Marks) -> ClaimBatch:
        claimed = await claim(
            connection,
            now=now,
            lease=now + self._lease,
            together=AT_ONCE - self._open,
            most_bytes=BYTES_AT_ONCE - self._open_bytes,
            most=AT_ONCE_TO_ONE,
            rooms={
                uid: max(0, self._most.get(uid, AT_ONCE_TO_ONE) - self._under_way[uid])
                for uid in self._under_way.keys() | self._most.keys()
            },
            flavours=list(self._flavours),
            marks=marks,
        )
        self._marks.note(claimed.reached)
        return claimed

    async def settle(self) -> None:
        """Wait for the calls under way, and record them."""
        while self._calls:
            await asyncio.wait(set(self._calls))
        await self._record_all()

    async def _take_on(self) -> None:
        """Take what is due; sleep when there is nothing."""
        while True:
            self._alarm.stirred.clear()
            began = time.monotonic()
            if self._open >= AT_ONCE or self._open_bytes >= BYTES_AT_ONCE:
                await self._alarm.wait(POLL_SECONDS)
            elif await self._take_turn():
                self._taken_at = time.monotonic()
                await self._alarm.unregister()
                await asyncio.sleep(PACE_SECONDS)
            elif self._behind or began - self._taken_at < AWAKE_SECONDS:
                await self._alarm.wait(LEAST_PAUSE_SECONDS)
            elif not await self._alarm.register_idle():
                await self._alarm.wait(self._pause())
            await self._forget()

    async def _take_turn(self) -> int:
        """A turn, without marks now and then."""
        began = time.monotonic()
        complete = began >= self._complete_at
        taken = await self.turn(complete=complete)
        if complete:
            ended = time.monotonic()
            self._complete_at = ended + max(COMPLETE_SECONDS, COMPLETE_SHARE * (ended - began))
        return taken

    async def _forget(self) -> None:
        """Remove, now and then, what belongs to endpoints that are no more."""
        if time.monotonic() - self._forgotten > FORGET_SECONDS:
            self._forgotten = time.monotonic()
            async with self._pool.connection() as connection:
                await forget(connection)

    def _pause(self) -> float:
        """Seconds for which there is nothing to do, if nothing new happens."""
        left = self._again_at - time.monotonic()
        # A write that began before we lay down does not wake us, and may end soon.
        most = min(POLL_SECONDS, self._alarm.slept() if left <= 0 else left)
        return max(LEAST_PAUSE_SECONDS, most)

    def _mind_rates(self, owed: Sequence[PendingDelivery]) -> None:
        """Be back when those that are called at a limited rate may be called again."""
        rates = [each.endpoint.rate for each in owed if each.endpoint.rate is not None]
        if rates:
            now = time.monotonic()
            before = self._again_at if self._again_at > now else inf
            self._again_at = min(before, now + 1 / max(rates))

    async def _rendered(
        self, connection: Connection, owed: Sequence[PendingDelivery]
    ) -> Sequence[Message | Exception | None]:
        """The messages; for one that cannot be made, why."""
        found: list[Message | Exception | None] = [None] * len(owed)
        by_flavour: dict[str, list[int]] = {}
        for nth, each in enumerate(owed):
            by_flavour.setdefault(each.endpoint.flavour, []).append(nth)
        for name, places in by_flavour.items():
            flavour = self._flavours[name]
            batch = [owed[nth] for nth in places]
            for nth, message in zip(
                places, await _rendered(flavour, connection, batch), strict=True
            ):
                found[nth] = message
        return found

    def _begin(self, owed: PendingDelivery, message: Message | Exception | None) -> None:
        """Begin a call; where there is nothing to say, say so."""
        self._open += 1
        self._open_bytes += len(owed.data)
        if isinstance(message, Message):
            self._under_way[owed.endpoint.uid] += 1
            call = asyncio.ensure_future(self._call(owed, message))
            self._calls.add(call)
            call.add_done_callback(self._calls.discard)
            return
        if message is None:
            self._say(Attempt(owed, None, "withheld", self._clock()))
        else:
            self._give_in(owed, message)

    def _give_in(self, owed: PendingDelivery, why: Exception) -> None:
        """Say that something is wrong on our side, with the message or the endpoint."""
        log.error("message not made", position=owed.position, reason=repr(why))
        now = self._clock()
        due = next_attempt(owed.failures + 1, now)
        outcome = "dead" if due is None else "failed"
        detail = f"The message could not be made: {type(why).__name__}."
        self._say(Attempt(owed, None, outcome, now, failure="rendering", detail=detail, due=due))

    async def _call(self, owed: PendingDelivery, message: Message) -> None:
        uid, at = owed.endpoint.uid, self._clock()
        try:
            answer = await send(
                self._caller,
                owed.endpoint,
                message,
                message_id=message_id(owed),
                now=at,
                position=owed.position,
            )
        except Exception as failure:
            self._give_in(owed, failure)
            return
        finally:
            self._under_way[uid] -= 1
            if not self._under_way[uid]:
                del self._under_way[uid]
        self._note_health(uid, answer.failure is None)
        self._say(told(owed, message, answer, at, self._clock()))

    def _note_health(self, uid: str, well: bool) -> None:
        """Fewer calls at the same time to an endpoint that fails, as many as before once it is
        well again."""
        most = self._most.pop(uid, AT_ONCE_TO_ONE)
        most = most + 1 if well else most // 2
        if most < AT_ONCE_TO_ONE:
            self._most[uid] = max(1, most)

    def _say(self, told: Attempt) -> None:
        self._told.append(told)
        self._spoken.set()

    async def _write_down(self) -> None:
        """Record what calls came to, many at once."""
        while True:
            await self._spoken.wait()
            await asyncio.sleep(GATHER_SECONDS)
            self._spoken.clear()
            await self._record_all()
            self._alarm.stirred.set()

    async def _record_all(self) -> None:
        told, self._told = self._told, []
        if not told:
            return
        now = self._clock()
        try:
            async with self._pool.connection() as connection:
                hopeless = await record(connection, told, now)
        except BaseException:
            self._told = told + self._told
            self._spoken.set()
            raise
        self._open -= len(told)
        self._open_bytes -= sum(len(each.owed.data) for each in told)
        for each in told:
            count_delivery(each.owed.endpoint.flavour, each.outcome)
        gone = {each.owed.endpoint.uid for each in told if each.status == GONE}
        for uid in gone | set(hopeless):
            await self._switch_off(uid, "gone" if uid in gone else "failing")

    async def _switch_off(self, uid: str, reason: str) -> None:
        log.warning("endpoint switched off", endpoint=uid, reason=reason)
        async with self._pool.connection() as connection:
            await set_state(connection, uid, "off", actor="deliveries", reason=reason)


def told(
    owed: PendingDelivery, message: Message, answer: RequestOutcome, at: datetime, now: datetime
) -> Attempt:
    """What an answer means: done, to be tried again, or given up."""
    due = held = None
    outcome = "delivered"
    if answer.failure is not None:
        due = next_attempt(owed.failures + 1, now, answer.retry_after)
        outcome = "dead" if due is None else "failed"
        if answer.retry_after and answer.status in (429, 503):
            held = now + timedelta(seconds=answer.retry_after)
    return Attempt(
        owed,
        message,
        outcome,
        at,
        answer.duration,
        answer.status,
        answer.failure,
        answer.detail,
        answer.body,
        due,
        held,
    )


async def _rendered(
    flavour: Flavour, connection: Connection, owed: Sequence[PendingDelivery]
) -> Sequence[Message | Exception | None]:
    """The messages; one after another when something is wrong with one of them."""
    try:
        return await flavour.render(connection, owed)
    except OperationalError:
        raise
    except Exception as failure:
        if len(owed) == 1:
            return [failure]
    return [(await _rendered(flavour, connection, [each]))[0] for each in owed]
