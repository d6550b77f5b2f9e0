"""`/live`: the process answers. `/ready`: it can do its work, because its database answers."""

from psycopg import OperationalError
from psycopg_pool import PoolTimeout
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route


def health() -> list[Route]:
    """The routes for whoever supervises the process."""
    return [Route("/live", live), Route("/ready", ready)]


async def live(request: Request) -> Response:
    return JSONResponse({"live": True})


async def ready(request: Request) -> Response:
    """200, or 503 while the database does not answer."""
    try:
        async with request.app.state.pool.connection(timeout=2.0) as connection:
            await connection.execute("SELECT 1 FROM event LIMIT 1")
    except (OperationalError, PoolTimeout) as failure:
        return JSONResponse({"ready": False, "database": str(failure)}, 503)
    return JSONResponse({"ready": True, "database": "ok"})
