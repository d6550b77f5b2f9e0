"""The operations of owners on their endpoints over HTTP, the same in every context.

`owner` is always the principal of the request: the endpoints of other owners are neither visible
nor changed (404 `NotFound`). Routes decode requests into the shapes (see `shapes`), call one of
these functions, and encode its result.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple

from msgspec import UNSET

from gerance.kernel.db import Connection, Pool
from gerance.kernel.errors import BadRequest, NotFound, Rejection
from gerance.kernel.transactions import in_transaction
from gerance.kernel.webhooks import delivery_log, endpoints, replay
from gerance.kernel.webhooks import ping as pinging
from gerance.kernel.webhooks.attempts import MOST_RESPONSE_BYTES, printable_text
from gerance.kernel.webhooks.client import WebhookClient
from gerance.kernel.webhooks.flavours import Flavour
from gerance.kernel.webhooks.guard import ForbiddenTarget, Guard
from gerance.kernel.webhooks.headers import check_headers
from gerance.kernel.webhooks.shapes import (
    DeliveryPage,
    EndpointPatch,
    EndpointView,
    NewSecret,
    PingView,
    ReplayRequest,
    ReplayResult,
    Rotation,
    view,
    view_of_delivery,
)
from gerance.kernel.wire import SafeUUID

OUTCOMES = ("delivered", "failed", "dead")
MOST_DELIVERIES = delivery_log.MOST
MOST_REPLAYED = 100_000
"""Events that one request replays at most."""
PINGS_AT_ONCE = 2
"""Pings of one owner that are under way in one process."""


class Owner(NamedTuple):
    """The owner of endpoints: the flavour of their messages, and its name in that flavour."""

    flavour: str
    name: str


class Pings:
    """The pings under way, by owner; one for each process (`Call.instance`)."""

    def __init__(self) -> None:
        self._under_way: Counter[Owner] = Counter()

    @contextmanager
    def one(self, owner: Owner) -> Iterator[None]:
        """Count a ping while it is under way. Raises Rejection (429 `TooManyPings`)."""
        if self._under_way[owner] >= PINGS_AT_ONCE:
            raise Rejection(
                "TooManyPings",
                f"{PINGS_AT_ONCE} pings to your endpoints are in progress.",
                headers={"Retry-After": "1"},
            )
        self._under_way[owner] += 1
        try:
            yield
        finally:
            self._under_way[owner] -= 1
            if not self._under_way[owner]:
                del self._under_way[owner]


def checked_url(guard: Guard, url: str, name: str) -> str:
    """The URL as it will be called. Raises BadRequest (`TargetRefused`) that begins with `name`."""
    try:
        return guard.check_url(url)
    except ForbiddenTarget as rejection:
        raise BadRequest(f"{name}: {rejection}", code="TargetRefused") from rejection


async def list_endpoints(pool: Pool, owner: Owner) -> list[EndpointView]:
    """The owner's endpoints, the oldest first."""
    async with pool.connection() as connection:
        return [view(endpoint) for endpoint in await endpoints.endpoints_of(connection, *owner)]


async def one_endpoint(pool: Pool, owner: Owner, uid: str) -> EndpointView:
    """One of them. Raises Rejection (404)."""
    async with pool.connection() as connection:
        return view(await _load_owned(connection, owner, uid))


async def patch_endpoint(
    pool: Pool,
    owner: Owner,
    uid: str,
    patch: EndpointPatch,
    guard: Guard,
    *,
    choice: Mapping[str, object] | None = None,
    categories: Mapping[str, Sequence[str] | None] | None = None,
) -> EndpointView:
    """Change an endpoint and return it. Raises Rejection (404) and BadRequest (URL or header).

    `choice`, `categories`: its filters and subscriptions from now on; None leaves them.
    """
    url = None if patch.url is UNSET else checked_url(guard, patch.url, "url")
    headers = None if patch.headers is UNSET else check_headers(patch.headers)

    async def change(connection: Connection) -> EndpointView:
        await _load_owned(connection, owner, uid)
        await endpoints.change_endpoint(
            connection,
            uid,
            owner=owner.name,
            url=url,
            headers=headers,
            choice=choice,
            rate=patch.rate,
        )
        if categories is not None:
            await endpoints.subscribe(connection, uid, categories)
        if patch.state is not UNSET:
            await endpoints.set_state(connection, uid, patch.state, actor=owner.name)
        return view(await _load_owned(connection, owner, uid))

    return await in_transaction(pool, change)


async def rotate_secret(pool: Pool, owner: Owner, uid: str, rotation: Rotation) -> NewSecret:
    """A new secret beside the one before it. Raises Rejection (404)."""
    async with pool.connection() as connection:
        await _load_owned(connection, owner, uid)
        secret = await endpoints.rotate_secret(
            connection, uid, owner=owner.name, overlap_seconds=rotation.overlap_seconds
        )
    return NewSecret(secret=secret, overlap_seconds=rotation.overlap_seconds)


async def remove_endpoint(pool: Pool, owner: Owner, uid: str) -> None:
    """Remove an endpoint with its pending events. Raises Rejection (404)."""

    async def remove(connection: Connection) -> None:
        await _load_owned(connection, owner, uid)
        await endpoints.remove_endpoint(connection, uid, owner=owner.name)

    await in_transaction(pool, remove)


async def try_endpoint(
    pool: Pool, owner: Owner, uid: str, *, caller: WebhookClient, flavour: Flavour, pings: Pings
) -> PingView:
    """Send a ping to an endpoint. Raises Rejection: 404, 429 `TooManyPings`."""
    with pings.one(owner):
        async with pool.connection() as connection:
            endpoint = await endpoints.load_webhook_endpoint(connection, *owner, _uuid(uid))
        answer = await pinging.ping(pool, caller, flavour, endpoint)
    return PingView(
        delivered=answer.failure is None,
        status=answer.status,
        failure=answer.failure,
        detail=answer.detail,
        duration_ms=round(answer.duration * 1000, 3),
        answer=printable_text(answer.body, MOST_RESPONSE_BYTES),
    )


async def list_deliveries(pool: Pool, owner: Owner, filters: Mapping[str, str]) -> DeliveryPage:
    """A page of the log of calls. `filters`: query parameters `endpoint` (a uid), `outcome` (see
    OUTCOMES), `before` (of the page before this one), `limit` (1 to 1,000, else 100).

    Raises BadRequest, naming the parameter that is wrong.
    """
    outcome = filters.get("outcome")
    if outcome is not None and outcome not in OUTCOMES:
        raise BadRequest(f"outcome: expected one of {', '.join(OUTCOMES)}, got {outcome[:40]!r}.")
    endpoint = filters.get("endpoint")
    if endpoint is not None:
        try:
            endpoint = SafeUUID.parse(endpoint)
        except ValueError as none:
            raise BadRequest(f"endpoint: {none}.") from none
    limit = _number(filters, "limit", MOST_DELIVERIES) or 100
    async with pool.connection() as connection:
        rows = await delivery_log.deliveries(
            connection,
            flavour=owner.flavour,
            owner=owner.name,
            endpoint=endpoint,
            outcome=outcome,
            before=_number(filters, "before", 2**63 - 1),
            limit=limit,
        )
    return DeliveryPage(
        deliveries=tuple(map(view_of_delivery, rows)),
        before=rows[-1].id if len(rows) == limit else None,
    )


async def replay_events(pool: Pool, owner: Owner, uid: str, request: ReplayRequest) -> ReplayResult:
    """Replay events to an endpoint. Raises Rejection: 404 for an unknown endpoint or an event that
    it never received, 400 for none or several of the three, or too many events
    (`TooManyEvents`)."""
    choices = [
        each for each in (request.position, request.failed, request.since) if each is not UNSET
    ]
    if len(choices) != 1:
        raise BadRequest("Give exactly one of position, failed and since.")
    async with pool.connection() as connection:
        await _load_owned(connection, owner, uid)
        if request.position is not UNSET:
            if not await replay.replay_one(connection, uid, request.position):
                raise NotFound(f"This endpoint never received an event {request.position}.")
            return ReplayResult(replayed=1)
        if request.since is not UNSET:
            since = request.since.moment
            await reject_too_many(connection, uid, since)
            return ReplayResult(replayed=await replay.replay_since(connection, uid, since))
        return ReplayResult(replayed=await replay.replay_failed(connection, uid))


async def give_up(pool: Pool, owner: Owner, uid: str, position: int) -> None:
    """Drop a pending delivery of an endpoint. Raises Rejection: 404 for an endpoint of another
    owner, or an event that is not pending."""
    async with pool.connection() as connection:
        await _load_owned(connection, owner, uid)
        if not await replay.give_up(connection, uid, position):
            raise NotFound(f"No delivery of the event {position} to this endpoint is pending.")


async def _load_owned(connection: Connection, owner: Owner, uid: str) -> endpoints.StoredEndpoint:
    return await endpoints.endpoint_of(connection, *owner, _uuid(uid))


def _uuid(uid: str) -> str:
    try:
        return SafeUUID.parse(uid)
    except ValueError:
        raise endpoints.unknown(uid[:80]) from None


async def reject_too_many(connection: Connection, uid: str, since: datetime) -> None:
    """Raises BadRequest (`TooManyEvents`) when more events follow than one request may replay."""
    rows = await connection.execute(
        "SELECT count(*) FROM (SELECT FROM subscription s JOIN event e ON e.category = s.category"
        " AND e.sent_date >= %(since)s AND (s.event_types IS NULL OR e.event_type ="
        " ANY(s.event_types)) WHERE s.endpoint = %(uid)s LIMIT %(most)s) counted",
        {"since": since, "uid": uid, "most": MOST_REPLAYED + 1},
    )
    if (await rows.fetchall())[0][0] > MOST_REPLAYED:
        raise BadRequest(
            f"since: more than {MOST_REPLAYED} events follow this moment.",
            code="TooManyEvents",
        )


def _number(filters: Mapping[str, str], name: str, most: int) -> int | None:
    text = filters.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 20 and 0 < int(text) <= most):
        raise BadRequest(f"{name}: expected a number from 1 to {most}, got {text[:40]!r}.")
    return int(text)
