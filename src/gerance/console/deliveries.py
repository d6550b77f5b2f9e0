"""Endpoints that receive webhooks: how their deliveries fare; pause, resume and replay."""

from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from gerance.console.pages import form, page, spoken, to
from gerance.console.texts import rejection, said
from gerance.kernel.db import Connection, Pool
from gerance.kernel.errors import BadRequest, NotFound
from gerance.kernel.webhooks.delivery_log import deliveries_to
from gerance.kernel.webhooks.operator_queries import (
    all_endpoints,
    bring_to_state,
    one_endpoint,
    require_endpoint,
)
from gerance.kernel.webhooks.owner_endpoints import refuse_too_many
from gerance.kernel.webhooks.replay import replay_failed, replay_one, replay_since

HOME = "/console/deliveries"
ON_A_PAGE = 50
_STATES = ("active", "paused", "off")


async def show(request: Request) -> Response:
    """All endpoints, of all owners."""
    pool: Pool = request.app.state.pool
    async with pool.connection() as connection:
        found = await all_endpoints(connection)
    return page(request, "deliveries", endpoints=found)


async def show_one(request: Request) -> Response:
    """One endpoint, and its latest deliveries; `before` (an id of a delivery): those before it."""
    before = _number(request.query_params.get("before", ""))
    pool: Pool = request.app.state.pool
    async with pool.connection() as connection:
        endpoint = await one_endpoint(connection, await _known(connection, request))
        calls = await deliveries_to(connection, endpoint["uid"], before=before, limit=ON_A_PAGE)
    return page(
        request,
        "endpoint",
        endpoint=endpoint,
        calls=calls,
        before=calls[-1].id if len(calls) == ON_A_PAGE else None,
        is_first=before is None,
        zone=request.app.state.settings.timezone,
        notice=_notice(request),
    )


async def confirm_off(request: Request) -> Response:
    """Ask before an endpoint is switched off."""
    pool: Pool = request.app.state.pool
    async with pool.connection() as connection:
        endpoint = await one_endpoint(connection, await _known(connection, request))
    return page(request, "confirm_off", endpoint=endpoint)


async def bring(request: Request) -> Response:
    """Pause the endpoint, resume it, or switch it off: `state` says which. Switching off needs a
    confirmation."""
    fields = await form(request)
    state = fields.get("state", "")
    if state not in _STATES:
        raise rejection(BadRequest, "state wrong")
    pool: Pool = request.app.state.pool
    async with pool.connection() as connection:
        uid = await _known(connection, request)
        if state == "off" and "confirmed" not in fields:
            return to(f"{HOME}/{uid}/off")
        await bring_to_state(connection, uid, state, actor=request.scope["principal"].uid)
    return to(f"{HOME}/{uid}?state={state}")


async def tell_again(request: Request) -> Response:
    """Replay the event at `position`, all events `since` a moment (in the installation's time zone
    unless it has an offset), or else all failed deliveries."""
    fields = await form(request)
    pool: Pool = request.app.state.pool
    async with pool.connection() as connection:
        uid = await _known(connection, request)
        if "since" in fields:
            since = _moment(request, fields["since"])
            try:
                await refuse_too_many(connection, uid, since)
            except BadRequest:
                raise rejection(BadRequest, "too many") from None
            count = await replay_since(connection, uid, since)
        elif "position" in fields:
            position = _number(fields["position"])
            if position is None or not await replay_one(connection, uid, position):
                raise rejection(NotFound, "never told")
            count = 1
        else:
            count = await replay_failed(connection, uid)
    return to(f"{HOME}/{uid}?replayed={count}")


def _notice(request: Request) -> str:
    """What was done to the endpoint right before."""
    language = spoken(request)
    replayed = _number(request.query_params.get("replayed", ""))
    if replayed is not None:
        return said("replayed", language, replayed)
    state = request.query_params.get("state", "")
    return said("state changed", language, said(state, language)) if state in _STATES else ""


async def _known(connection: Connection, request: Request) -> str:
    """The uid in the path. Raises NotFound."""
    try:
        return await require_endpoint(connection, request.path_params["uid"])
    except NotFound:
        raise rejection(NotFound, "no address") from None


def _moment(request: Request, text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise rejection(BadRequest, "moment wrong") from None
    zone = request.app.state.settings.zone
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None
