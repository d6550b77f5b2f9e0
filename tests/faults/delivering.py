"""A process that carries out commands and delivers what they cause, for tests that kill it.

Each command comes as a line, `<process> <stream>`, and `<process>` goes back when it is done. The
process kills itself where it is told to (`Attempt.dies`), and else goes on until it is killed.

    python -m tests.faults.delivering '{"database": "postgresql://..."}'
"""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from tests.kernel.webhooks.engine import LOOPBACK, Plain

from gerance.kernel.db import Connection, open_pool
from gerance.kernel.errors import CommandAlreadySent
from gerance.kernel.log.eventlog import NewEvent
from gerance.kernel.log.writer import AggregateRow, Change, Writer, WriteRequest, open_writer
from gerance.kernel.logging import configure_logging
from gerance.kernel.webhooks import backoff, engine
from gerance.kernel.webhooks.attempts import Attempt, record
from gerance.kernel.webhooks.claim import ClaimBatch, claim
from gerance.kernel.webhooks.client import RequestOutcome, WebhookClient
from gerance.kernel.webhooks.engine import Deliverer, lease_seconds
from gerance.kernel.webhooks.guard import Guard

CATEGORY = "thing"


class Orders(msgspec.Struct, frozen=True):
    """What the process is told: which database, seconds for a call, the pause before each new
    attempt, and where it dies: "before" or "after" a "claim", a "call" or a "record"."""

    database: str
    timeout: float = 1.0
    pause: float = 0.2
    dies: tuple[str, str] | None = None


def die() -> None:
    """At once, as by kill -9."""
    os.kill(os.getpid(), signal.SIGKILL)


class MortalCaller(WebhookClient):
    """Dies before or after its first call."""

    def __init__(self, dies: tuple[str, str] | None, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self._dies = dies

    async def post(self, *given: Any) -> RequestOutcome:
        if self._dies == ("before", "call"):
            die()
        answer = await super().post(*given)
        if self._dies == ("after", "call"):
            die()
        return answer


def made_mortal(dies: tuple[str, str]) -> None:
    """Let the engine die where a claim or a record is, or has just been, committed."""

    async def mortal_claim(connection: Connection, **given: Any) -> ClaimBatch:
        async with connection.transaction():
            batch = await claim(connection, **given)
            if batch.deliveries and dies[0] == "before":
                die()
        if batch.deliveries:
            die()
        return batch

    async def mortal_record(
        connection: Connection, told: Sequence[Attempt], now: datetime
    ) -> list[str]:
        async with connection.transaction():
            done = await record(connection, told, now)
            if dies[0] == "before":
                die()
        die()
        return done

    if dies[1] == "claim":
        engine.claim = mortal_claim
    if dies[1] == "record":
        engine.record = mortal_record


def happened(loaded: AggregateRow) -> Change:
    """What each command does: one event."""
    return Change([NewEvent("Happened", b"{}", datetime.now(UTC))], b"{}", ())


async def carry_out(writer: Writer, process: str, stream: str) -> None:
    """One command; acknowledged when this returns."""
    intent = WriteRequest(
        category=CATEGORY, stream=stream, process_uid=process, actor=None, decide=happened
    )
    try:
        await writer.execute(intent)
    except CommandAlreadySent:
        pass  # it was done, and what killed us kept it from being answered
    except Exception:
        print(f"failed {process}", flush=True)  # noqa: T201 - the client's answer
        return
    print(process, flush=True)  # noqa: T201


async def main(orders: Orders) -> None:
    backoff.STEPS = (timedelta(seconds=orders.pause),) * 40
    if orders.dies:
        made_mortal(orders.dies)
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(lines), sys.stdin
    )
    async with (
        open_pool(orders.database, size=6, statement_timeout_ms=30_000) as pool,
        open_writer(pool) as writer,
        MortalCaller(orders.dies, Guard(LOOPBACK), timeout=orders.timeout) as caller,
        asyncio.TaskGroup() as group,
    ):
        lease = lease_seconds(orders.timeout)
        deliverer = Deliverer(pool, caller, {"plain": Plain()}, lease=lease)
        delivering = group.create_task(deliverer.run(orders.database))
        while line := await lines.readline():
            group.create_task(carry_out(writer, *line.decode().split()))
        delivering.cancel()


if __name__ == "__main__":
    configure_logging(log_level="error")
    asyncio.run(main(msgspec.json.decode(sys.argv[1], type=Orders)))
