"""The notice to owners about endpoints that are switched off."""

from urllib.parse import urlsplit

from gerance.kernel.db import Connection

MOST_NAMED = 3
REASONS = {
    "failing": "no call has come through for five days",
    "gone": "it answered 410",
    "operator": "by who runs this server",
}
"""Why an endpoint is off, by the stored code."""


async def switched_off(connection: Connection, flavour: str, owner: str) -> str | None:
    """A line that names the hosts of the owner's endpoints that are off, and why; None when there
    is none. It is ASCII: it may go into a header."""
    rows = await connection.execute(
        "SELECT url, reason, count(*) OVER () FROM endpoint WHERE flavour = %s AND owner = %s"
        " AND state = 'off' ORDER BY created, uid LIMIT %s",
        [flavour, owner, MOST_NAMED],
    )
    endpoints = await rows.fetchall()
    if not endpoints:
        return None
    names = [
        f"{urlsplit(url).netloc} ({REASONS.get(reason, 'off')})" for url, reason, _ in endpoints
    ]
    more = endpoints[0][2] - len(endpoints)
    rest = f" and {more} more" if more else ""
    return f"Webhooks are switched off: {', '.join(names)}{rest}."
