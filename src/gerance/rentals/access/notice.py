"""The header that notifies integrators of endpoints that are off, in answers that they read."""

from gerance.kernel.db import Connection
from gerance.kernel.webhooks.notices import switched_off

FLAVOUR = "rentals"
"""The name of the rentals' webhook flavour. Its owners are integrators, by their uids."""
HEADER = "Gerance-Notice"


async def notice(connection: Connection, integrator: str) -> dict[str, str]:
    """The header that names the hosts of the integrator's endpoints that are off; empty when none
    is."""
    text = await switched_off(connection, FLAVOUR, integrator)
    return {HEADER: f"{text} See GET /api/Webhooks."} if text else {}
