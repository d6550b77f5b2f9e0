"""The webhook endpoint of a partner. Operators set one for each partner."""

from collections.abc import Sequence

from gerance.kernel.db import Connection
from gerance.kernel.errors import Rejection
from gerance.kernel.webhooks.endpoints import (
    StoredEndpoint,
    add_endpoint,
    change_endpoint,
    endpoints_of,
    remove_endpoint,
    rotate_secret,
    set_state,
    subscribe,
)
from gerance.partners.lifecycle.writer import CATEGORY
from gerance.partners.programme.names import require_partner
from gerance.partners.webhooks.flavour import FLAVOUR
from gerance.partners.webhooks.parameters import EVENT_TYPES

Headers = Sequence[tuple[str, str]]


async def set_address(
    connection: Connection, code: str, url: str, headers: Headers | None
) -> str | None:
    """Set the endpoint of the partner; returns the secret of a new endpoint, else None.

    Pending deliveries are sent to the new URL, and a disabled endpoint becomes active. `headers`:
    None keeps the current ones. The caller validates `url` and `headers`. Raises Rejection
    (`UnknownPartner`).
    """
    async with connection.transaction():
        await require_partner(connection, code)
        endpoint = await _address(connection, code)
        secret = None
        if endpoint is None:
            uid, secret = await add_endpoint(
                connection, flavour=FLAVOUR, owner=code, url=url, headers=headers or ()
            )
        else:
            uid = endpoint.uid
            await change_endpoint(connection, uid, owner=code, url=url, headers=headers)
            await set_state(connection, uid, "active", actor="operator", by_operator=True)
        await subscribe(
            connection, uid, {CATEGORY: sorted(EVENT_TYPES)}, scope={"partnerCode": code}
        )
    return secret


async def address_of(connection: Connection, code: str) -> StoredEndpoint:
    """The endpoint of the partner. Raises Rejection: unknown partner, `NoWebhook`."""
    async with connection.transaction():
        await require_partner(connection, code)
        endpoint = await _address(connection, code)
    if endpoint is None:
        raise Rejection(
            "NoWebhook",
            f"{code} has no webhook endpoint.",
        )
    return endpoint


async def remove_address(connection: Connection, code: str) -> None:
    """Remove the endpoint with its pending deliveries. Raises Rejection."""
    endpoint = await address_of(connection, code)
    await remove_endpoint(connection, endpoint.uid, owner=code)


async def rotate_address_secret(connection: Connection, code: str, overlap_seconds: int) -> str:
    """Create a new secret. Deliveries are also signed with the earlier one for `overlap_seconds`.
    Raises Rejection."""
    endpoint = await address_of(connection, code)
    return await rotate_secret(
        connection, endpoint.uid, owner=code, overlap_seconds=overlap_seconds
    )


async def _address(connection: Connection, code: str) -> StoredEndpoint | None:
    endpoints = await endpoints_of(connection, FLAVOUR, code)
    return endpoints[0] if endpoints else None
