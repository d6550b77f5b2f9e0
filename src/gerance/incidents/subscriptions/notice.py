"""The notice at log-in that subscriptions of the user were disabled."""

from gerance.incidents.subscriptions.flavour import FLAVOUR
from gerance.kernel.db import Connection
from gerance.kernel.webhooks.notices import switched_off

HEADER = "Gerance-Notice"


async def notice_for(connection: Connection, account: str) -> dict[str, str]:
    """The header to send with the answer to a log-in; none when all is well."""
    line = await switched_off(connection, FLAVOUR, account)
    return {} if line is None else {HEADER: f"{line} See GET /api/v1/subscriptions."}
