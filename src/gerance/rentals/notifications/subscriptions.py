"""Subscriptions to entities: each entity goes to one endpoint of an integrator at a time.

A URL with its headers is one endpoint, and has one secret.
"""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from gerance.kernel.db import Connection
from gerance.kernel.locks import hold, subscriptions_of
from gerance.kernel.stored_secrets import decrypt_pairs
from gerance.kernel.webhooks.endpoints import (
    StoredEndpoint,
    add_endpoint,
    change_endpoint,
    endpoints_of,
    remove_endpoint,
    set_state,
    subscribe,
)
from gerance.kernel.webhooks.reassign import move_pending, wait_for_writers
from gerance.rentals.access.notice import FLAVOUR

Headers = Sequence[tuple[str, str]]


class Subscribed(NamedTuple):
    """An endpoint after a subscription. `entities`: all that it receives; `secret`: None unless it
    is new."""

    uid: str
    url: str
    entities: list[str]
    secret: str | None


async def subscribe_entities(
    connection: Connection, owner: str, url: str, headers: Headers, entities: Collection[str]
) -> Subscribed:
    """Subscribe the integrator to these entities at `url`, with these headers.

    The endpoint with that URL and those headers is used, and is active again if it was off. If
    there is none, an endpoint with that URL whose entities are all in `entities` gets the new
    headers. Otherwise a new endpoint is created. An entity that was subscribed at another endpoint
    moves with its pending events. Raises Rejection (409 `TooManyEndpoints`). Call it outside a
    transaction.
    """
    async with connection.transaction():
        endpoints = await _lock_endpoints(connection, owner)
        endpoint, secret = _fitting(endpoints, url, headers, entities), None
        if endpoint is None:
            uid, secret = await add_endpoint(
                connection, flavour=FLAVOUR, owner=owner, url=url, headers=headers
            )
        else:
            uid = endpoint.uid
            if not _same(endpoint, headers):
                await change_endpoint(connection, uid, owner=owner, headers=headers)
            if endpoint.state == "off":
                await set_state(connection, uid, "active", actor=owner)
        of_it = sorted({*entities, *(endpoint.subscriptions if endpoint else ())})
        await subscribe(connection, uid, dict.fromkeys(of_it))
        others = [each for each in endpoints if each.uid != uid]
        for other in others:
            await _leave(connection, other, entities, uid)
    # A concurrent write may still add pending events to the endpoints that are left empty.
    empty = [each for each in others if set(entities).issuperset(each.subscriptions)]
    if empty and await wait_for_writers(connection):
        for other in empty:
            await _remove(connection, owner, other, uid)
    return Subscribed(uid, url, of_it, secret)


async def unsubscribe_entities(
    connection: Connection, owner: str, entities: Collection[str]
) -> list[str]:
    """Unsubscribe the integrator from these entities and drop their pending events; return the
    entities that it still receives."""
    async with connection.transaction():
        for endpoint in await _lock_endpoints(connection, owner):
            await _leave(connection, endpoint, entities, None)
            if set(entities).issuperset(endpoint.subscriptions):
                await _remove(connection, owner, endpoint, None)
    return await subscribed_entities(connection, owner)


async def subscribed_entities(connection: Connection, owner: str) -> list[str]:
    """All entities that the integrator has subscribed to, in alphabetical order."""
    rows = await connection.execute(
        "SELECT DISTINCT s.category FROM subscription s JOIN endpoint e ON e.uid = s.endpoint"
        " WHERE e.flavour = %s AND e.owner = %s ORDER BY 1",
        [FLAVOUR, owner],
    )
    return [category for (category,) in await rows.fetchall()]


async def _lock_endpoints(connection: Connection, owner: str) -> list[StoredEndpoint]:
    """The integrator's endpoints, locked against other changes until the transaction ends."""
    await hold(connection, subscriptions_of(FLAVOUR, owner))
    # All of them before any row of the outbox, and to the end: some may be removed.
    await connection.execute(
        "SELECT FROM endpoint WHERE flavour = %s AND owner = %s ORDER BY uid FOR UPDATE",
        [FLAVOUR, owner],
    )
    return await endpoints_of(connection, FLAVOUR, owner)


def _fitting(
    endpoints: Sequence[StoredEndpoint], url: str, headers: Headers, entities: Collection[str]
) -> StoredEndpoint | None:
    there = [each for each in endpoints if each.url == url]
    for each in there:
        if _same(each, headers):
            return each
    return next((each for each in there if set(entities).issuperset(each.subscriptions)), None)


async def _leave(
    connection: Connection, endpoint: StoredEndpoint, entities: Collection[str], to: str | None
) -> None:
    """These entities are not this endpoint's any more."""
    if removals := set(entities).intersection(endpoint.subscriptions):
        staying = sorted(set(endpoint.subscriptions) - removals)
        await subscribe(connection, endpoint.uid, dict.fromkeys(staying))
        await move_pending(connection, endpoint.uid, to, removals)


async def _remove(
    connection: Connection, owner: str, endpoint: StoredEndpoint, to: str | None
) -> None:
    """An endpoint without entities is no more, unless it got some again in the meantime."""
    async with connection.transaction():
        endpoints = {each.uid: each for each in await _lock_endpoints(connection, owner)}
        if endpoint.uid in endpoints and not endpoints[endpoint.uid].subscriptions:
            if to in endpoints:
                await move_pending(connection, endpoint.uid, to, list(endpoint.subscriptions))
            await remove_endpoint(connection, endpoint.uid, owner=owner)


def _same(endpoint: StoredEndpoint, headers: Headers) -> bool:
    """Whether these are the headers that the endpoint has, in whatever order."""
    return _folded(decrypt_pairs(endpoint.uid, endpoint.headers)) == _folded(headers)


def _folded(headers: Headers) -> set[tuple[str, str]]:
    return {(name.lower(), value) for name, value in headers}
