"""`/live`: the process answers. `/ready`: it can do its work, because its database answers."""

import asyncio

from starlette.datastructures import State
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gerance.kernel.db import MODE, READY_SECONDS, Pool
from gerance.kernel.http.stream_response import CONNECTION
from gerance.kernel.transactions import PASSING


def health() -> list[Route]:
    """The routes for the supervisor of the process."""
    return [Route("/live", live), Route("/ready", ready)]


async def live(request: Request) -> Response:
    return JSONResponse({"live": True})


async def ready(request: Request) -> Response:
    """200 with the mode of the database (`ok`, `read-only`), or 503 while it does not answer, and
    once the server stops.

    It answers within READY_SECONDS, whatever hangs: requests share one probe of the database.
    """
    connection = request.scope.get(CONNECTION)
    if connection is not None and connection.is_stopping:
        return JSONResponse({"ready": False, "stopping": True}, 503)
    probe = _probe(request.app.state)
    await asyncio.wait([probe], timeout=READY_SECONDS)
    if not probe.done():
        silent = f"no answer within {READY_SECONDS:g} seconds"
        return JSONResponse({"ready": False, "database": silent}, 503)
    try:
        return JSONResponse({"ready": True, "database": probe.result()})
    except PASSING as failure:
        return JSONResponse({"ready": False, "database": str(failure)}, 503)


def _probe(state: State) -> asyncio.Task[str]:
    """The probe of the database that is under way, else a new one."""
    probe: asyncio.Task[str] | None = getattr(state, "probe", None)
    if probe is None or probe.done():
        probe = state.probe = asyncio.create_task(_mode(state.pool))
        # It may fail after everybody has been answered.
        probe.add_done_callback(lambda task: task.cancelled() or task.exception())
    return probe


async def _mode(pool: Pool) -> str:
    async with pool.brief(READY_SECONDS) as connection:
        await connection.execute("SELECT 1 FROM event LIMIT 1")
        rows = await connection.execute(MODE)
        return "read-only" if await rows.fetchone() == (True,) else "ok"
