"""Telling a user who logs in that subscriptions of theirs were switched off."""

from gerance.incidents.subscriptions.flavour import FLAVOUR
from gerance.kernel.db import Connection
from gerance.kernel.webhooks.endpoints import switched_off

HEADER = "Gerance-Notice"


async def notice_for(connection: Connection, account: str) -> dict[str, str]:
    """The header to send with the answer to a log-in; none when all is well."""
    count = await switched_off(connection, FLAVOUR, account)
    if not count:
        return {}
    number = "1 subscription is" if count == 1 else f"{count} subscriptions are"
    return {HEADER: f"{number} switched off: see GET /api/v1/subscriptions"}
