"""Processes that are killed while they work, and a watch over what a receiver is told meanwhile."""

import asyncio
import os
import sys
from collections import Counter, deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from uuid import UUID

import msgspec
import psycopg
from standardwebhooks import Webhook
from tests.faults.delivering import CATEGORY, Orders
from tests.receiving import Received, Receiver
from tests.waiting import until_async

from gerance.kernel.webhooks.endpoints import add_endpoint, subscribe

LONG = os.environ.get("GERANCE_LONG_FAULTS") == "1"
"""Whether the tests do what the proofs promise in full: minutes instead of seconds."""

WINDOW = 48
"""Commands that a process is sent before it answers."""

UNHURRIED_SECONDS = 30.0
"""For calls that are to come through however busy the machine is."""


_ROOT = Path(__file__).parents[2]


class Watch:
    """What one receiver is told, and whether it may be told that.

    `failing`: the share of calls that are answered 503, chosen by `seed`. `secrets`: what verifies
    the calls to a path. `done`: events that were answered 204, by path and position; `times`: how
    many calls told of each; of all `calls`, `again` told of one that was done, `refused` got 503,
    `forged` did not verify.
    """

    def __init__(self, receiver: Receiver, *, failing: float = 0.0, seed: int = 0) -> None:
        self.receiver = receiver
        self.failing = failing
        self.secrets: dict[str, Webhook] = {}
        self.done: set[tuple[str, int]] = set()
        self.times: Counter[tuple[str, int]] = Counter()
        self.again = self.refused = self.forged = self.calls = 0
        self._told: dict[tuple[str, str], list[int]] = {}
        self._chance = Random(seed)
        receiver.answer = self._answer

    def __str__(self) -> str:
        return f"{self.calls} calls: {self.refused} refused, {self.again} told of what was done"

    def _answer(self, call: Received) -> int:
        event = call.json()
        self.calls += 1
        self.times[call.path, event["position"]] += 1
        if self.secrets and not self._fits(call):
            self.forged += 1
        if (call.path, event["position"]) in self.done:
            self.again += 1
        told = self._told.setdefault((call.path, event["stream"]), [])
        if not told or told[-1] != event["position"]:
            told.append(event["position"])
        if self._chance.random() < self.failing:
            self.refused += 1
            return 503
        self.done.add((call.path, event["position"]))
        return 204

    def _fits(self, call: Received) -> bool:
        try:
            self.secrets[call.path].verify(call.body, call.headers)
        except Exception:
            return False
        return True

    def out_of_order(self, streams: dict[str, list[int]]) -> list[tuple[str, str]]:
        """Endpoints and streams whose calls did not come in the order of `streams`, its events.

        Calls for the same event that follow one another count as one. So an event that is begun
        before the one in front of it is done shows: that one is then never done, or comes again.
        """
        return [key for key, told in self._told.items() if told != streams[key[1]]]


class Crew:
    """Processes that carry out commands and deliver, one started again for each that dies.

    `sent`: the idempotency keys of commands, with their streams; `acknowledged`: those that were
    answered; `kills`: how many processes died.
    """

    def __init__(self, orders: Orders, commands: Sequence[tuple[str, str]] = ()) -> None:
        self.orders = orders
        self.sent = dict(commands)
        self.acknowledged: set[str] = set()
        self.kills = 0
        self._waiting = deque(commands)
        self._working: list[asyncio.subprocess.Process] = []

    async def work(self) -> None:
        """One process at a time, until cancelled; one alone, if it is to die by itself."""
        while True:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "tests.faults.delivering",
                msgspec.json.encode(self.orders).decode(),
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, cwd=_ROOT,
            )  # fmt: skip
            self._working.append(process)
            try:
                await self._feed(process)
            finally:
                self._working.remove(process)
                if process.returncode is None:
                    process.kill()
                await process.wait()
            self.kills += 1
            if self.orders.dies:
                return

    def kill(self, chance: Random) -> None:
        """Kill one process that works."""
        if self._working:
            chance.choice(self._working).kill()

    async def _feed(self, process: asyncio.subprocess.Process) -> None:
        """Send commands and count the answers until the process dies; what it did not answer is
        for the next one."""
        assert process.stdin is not None
        assert process.stdout is not None
        asked: set[str] = set()
        try:
            while True:
                while self._waiting and len(asked) < WINDOW:
                    command, stream = self._waiting.popleft()
                    asked.add(command)
                    process.stdin.write(f"{command} {stream}\n".encode())
                if not (line := await process.stdout.readline()):
                    return
                *failed, command = line.decode().split()
                asked.remove(command)
                if failed:
                    self._waiting.append((command, self.sent[command]))
                else:
                    self.acknowledged.add(command)
        finally:
            self._waiting.extendleft((each, self.sent[each]) for each in asked)


@asynccontextmanager
async def working(crew: Crew, processes: int = 1) -> AsyncIterator[None]:
    """The crew works."""
    tasks = [asyncio.ensure_future(crew.work()) for _ in range(processes)]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        for each in ended:
            if isinstance(each, Exception):
                raise each


def commands(count: int, streams: int, seed: int) -> list[tuple[str, str]]:
    """So many commands for so many streams, the same for the same seed."""
    chance = Random(seed)

    def uid() -> str:
        return str(UUID(int=chance.getrandbits(128), version=4))

    places = [uid() for _ in range(streams)]
    return [(uid(), chance.choice(places)) for _ in range(count)]


async def subscribed(
    url: str,
    watch: Watch,
    paths: Sequence[str],
    *,
    through: str | None = None,
    rate: float | None = None,
) -> list[str]:
    """Let nobody but endpoints at these paths of the watched receiver be told of what happens;
    their uids. `through`: the address of a proxy in front of it; `rate`: calls a second."""
    uids = []
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        await connection.execute(
            "TRUNCATE endpoint, subscription, outbox, delivery, event, stream CASCADE"
        )
        base = through or watch.receiver.url.rpartition("/")[0]
        for path in paths:
            uid, secret = await add_endpoint(
                connection, flavour="plain", owner="somebody", url=f"{base}{path}", rate=rate
            )
            uids.append(uid)
            await subscribe(connection, uid, {CATEGORY: None})
            watch.secrets[path] = Webhook(secret)
    return uids


async def nothing_owed(url: str) -> None:
    """Wait until all that was told of is recorded."""
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:

        async def empty() -> bool:
            rows = await connection.execute("SELECT 1 FROM outbox LIMIT 1")
            return await rows.fetchone() is None

        await until_async(empty)


def leases_over(url: str) -> set[int]:
    """Let whatever is owed be taken at once; the positions of all of it."""
    with psycopg.connect(url, autocommit=True) as connection:
        # Waits for what the dead have locked.
        owed = connection.execute("UPDATE outbox SET due = '-infinity' RETURNING position")
        return {position for (position,) in owed.fetchall()}


def happened_in(url: str) -> dict[str, list[int]]:
    """The positions of the events of each stream, in the order of their versions, which have no
    gap."""
    streams: dict[str, list[int]] = {}
    with psycopg.connect(url) as connection:
        for stream, version, position in connection.execute(
            "SELECT stream::text, version, position FROM event WHERE category = %s"
            " ORDER BY stream, version",
            [CATEGORY],
        ):
            of_stream = streams.setdefault(stream, [])
            of_stream.append(position)
            assert version == len(of_stream)
    assert all(positions == sorted(positions) for positions in streams.values())
    return streams


def times_done(url: str) -> dict[str, int]:
    """How many events each command caused."""
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT process_uid::text, count(*) FROM event WHERE category = %s GROUP BY 1",
            [CATEGORY],
        )
        return dict(rows.fetchall())
