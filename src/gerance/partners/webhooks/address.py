"""The address at which a partner is called, as operators set it: one for each partner."""

from collections.abc import Sequence

from gerance.kernel.db import Connection
from gerance.kernel.errors import Refused
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
    """Call the partner there from now on; a new secret when there was no address before.

    What was still to be told goes there too; an address that was off is called again. `headers`:
    None leaves those that it had. `url` and `headers` are checked by who calls. Raises Refused
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
    """Where the partner is called, without the secret. Raises Refused: unknown partner,
    `NoWebhook`."""
    async with connection.transaction():
        await require_partner(connection, code)
        endpoint = await _address(connection, code)
    if endpoint is None:
        raise Refused(
            "NoWebhook",
            f"{code} has no webhook endpoint.",
        )
    return endpoint


async def remove_address(connection: Connection, code: str) -> None:
    """Call the partner no more, and forget what was still to be told. Raises Refused."""
    endpoint = await address_of(connection, code)
    await remove_endpoint(connection, endpoint.uid, owner=code)


async def rotate_address_secret(connection: Connection, code: str, overlap_seconds: int) -> str:
    """A new secret, shown once; calls carry a signature of the one before it as well for as long.
    Raises Refused."""
    endpoint = await address_of(connection, code)
    return await rotate_secret(
        connection, endpoint.uid, owner=code, overlap_seconds=overlap_seconds
    )


async def _address(connection: Connection, code: str) -> StoredEndpoint | None:
    endpoints = await endpoints_of(connection, FLAVOUR, code)
    return endpoints[0] if endpoints else None
