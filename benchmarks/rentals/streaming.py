"""How the longest answer flows: when its first byte comes, and what memory the server takes."""

import asyncio
import statistics
from contextlib import suppress

from benchmarks.client import HttpConnection
from benchmarks.rentals.estate import memory
from benchmarks.rentals.questions import Question
from benchmarks.rentals.targets import Http

TIMES = 5


async def flow(target: Http, question: Question, pid: int) -> dict[str, float]:
    """The answer five times, after once: its size, its first byte, and the most that the process
    had more than before at any time in between."""
    message = target.message(question)
    assert message is not None
    connection = await HttpConnection.open(target.port)
    size = (await connection.ask(message)).size
    before = most = memory(pid)

    async def watch() -> None:
        nonlocal most
        while True:
            most = max(most, memory(pid))
            await asyncio.sleep(0.01)

    watching = asyncio.create_task(watch())
    firsts = [(await connection.ask(message)).first for _ in range(TIMES)]
    watching.cancel()
    with suppress(asyncio.CancelledError):
        await watching
    after = memory(pid)
    connection.close()
    return {
        "mb": round(size / 1e6, 1),
        "first_byte_ms": round(statistics.median(firsts) * 1000, 1),
        "latest_first_byte_ms": round(max(firsts) * 1000, 1),
        "memory_mb": round(before / 1e6, 1),
        "most_growth_mb": round((max(most, after) - before) / 1e6, 1),
        "growth_mb": round((after - before) / 1e6, 1),
    }
