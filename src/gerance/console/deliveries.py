"""Webhook endpoints and their deliveries; pause, resume, disable and replay."""

from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from gerance.console.pages import form, language_of_visitor, page, redirect
from gerance.console.texts import rejection, translate
from gerance.kernel.db import Connection, Pool
from gerance.kernel.errors import BadRequest, NotFound
from gerance.kernel.webhooks.delivery_log import deliveries_to
from gerance.kernel.webhooks.operator_queries import (
    all_endpoints,
    bring_to_state,
    one_endpoint,
    require_endpoint,
)
from gerance.kernel.webhooks.owner_endpoints import reject_too_many
from gerance.kernel.webhooks.replay import replay_failed, replay_one, replay_since

HOME = "/console/deliveries"
PAGE_SIZE = 50
_STATES = ("active", "paused", "off")


async def show(request: Request) -> Response:
    """All endpoints, of all owners."""
    pool: Pool = request.app.state.pool
    async with pool.connection() as connection:
        endpoints = await all_endpoints(connection)
    return page(request, "deliveries", endpoints=endpoints)


async def show_one(request: Request) -> Response:
    """An endpoint and its latest deliveries, or those `before` the delivery with this id."""
    before = _number(request.query_params.get("before", ""))
    pool: Pool = request.app.state.pool
    async with pool.connection() as connection:
        endpoint = await one_endpoint(connection, await _endpoint_uid(connection, request))
        calls = await deliveries_to(connection, endpoint["uid"], before=before, limit=PAGE_SIZE)
    return page(
        request,
        "endpoint",
        endpoint=endpoint,
        calls=calls,
        before=calls[-1].id if len(calls) == PAGE_SIZE else None,
        is_first=before is None,
        zone=request.app.state.settings.timezone,
        notice=_notice(request),
    )


async def confirm_off(request: Request) -> Response:
    """The confirmation before an endpoint is disabled."""
    pool: Pool = request.app.state.pool
    async with pool.connection() as connection:
        endpoint = await one_endpoint(connection, await _endpoint_uid(connection, request))
    return page(request, "confirm_off", endpoint=endpoint)


async def set_state(request: Request) -> Response:
    """Set the `state` of the endpoint: active, paused or off. The last needs a confirmation."""
    fields = await form(request)
    state = fields.get("state", "")
    if state not in _STATES:
        raise rejection(BadRequest, "state wrong")
    pool: Pool = request.app.state.pool
    async with pool.connection() as connection:
        uid = await _endpoint_uid(connection, request)
        if state == "off" and "confirmed" not in fields:
            return redirect(f"{HOME}/{uid}/off")
        await bring_to_state(connection, uid, state, actor=request.scope["principal"].uid)
    return redirect(f"{HOME}/{uid}?state={state}")


async def replay(request: Request) -> Response:
    """Replay the event at `position`, all events `since` a time (in the time zone of the
    installation unless it has an offset), or else all failed deliveries."""
    fields = await form(request)
    pool: Pool = request.app.state.pool
    async with pool.connection() as connection:
        uid = await _endpoint_uid(connection, request)
        if "since" in fields:
            since = _moment(request, fields["since"])
            try:
                await reject_too_many(connection, uid, since)
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
    return redirect(f"{HOME}/{uid}?replayed={count}")


def _notice(request: Request) -> str:
    """The result of the previous action."""
    language = language_of_visitor(request)
    count = _number(request.query_params.get("replayed", ""))
    if count is not None:
        return translate("replayed", language, count)
    state = request.query_params.get("state", "")
    return (
        translate("state changed", language, translate(state, language)) if state in _STATES else ""
    )


async def _endpoint_uid(connection: Connection, request: Request) -> str:
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
