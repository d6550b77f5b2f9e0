"""The write path by itself: the same aggregate that the peer keeps, and one read row beside it."""

import asyncio
import time
from datetime import UTC, datetime
from uuid import uuid4

import msgspec

from benchmarks.world import message_body
from gerance.incidents.projections import upsert_row
from gerance.kernel.db import open_pool
from gerance.kernel.log.eventlog import NewEvent
from gerance.kernel.log.writer import AggregateRow, Change, Writer, WriteRequest, open_writer

_CASTS = {"uid": "uuid", "name": "text", "siret_number": "text"}


async def write_path(url: str, *, concurrent: int, per_aggregate: int, seconds: float) -> float:
    """Commands a second: read the aggregate, decide, append an event, keep state and a read row."""
    async with (
        open_pool(url, size=concurrent, statement_timeout_ms=30_000) as pool,
        open_writer(pool) as writer,
    ):
        deadline = time.perf_counter() + seconds

        async def client() -> int:
            count, uid = 0, ""
            while time.perf_counter() < deadline:
                if count % per_aggregate == 0:
                    uid = str(uuid4())
                await _command(writer, uid, message_body())
                count += 1
            return count

        started = time.perf_counter()
        counts = await asyncio.gather(*(client() for _ in range(concurrent)))
        return sum(counts) / (time.perf_counter() - started)


async def _command(writer: Writer, uid: str, body: bytes) -> None:
    def decide(loaded: AggregateRow) -> Change:
        messages = msgspec.json.decode(loaded.state) if loaded.state is not None else []
        messages.append(msgspec.json.decode(body))
        row = {"uid": uid, "name": messages[-1]["message"], "siret_number": str(len(messages))}
        return Change(
            [NewEvent("MessageAdded", body, datetime.now(UTC))],
            msgspec.json.encode(messages),
            (upsert_row("provider_company", row, _CASTS),),
        )

    await writer.execute(
        WriteRequest(
            category="benchmark", stream=uid, process_uid=str(uuid4()), actor=None, decide=decide
        )
    )
