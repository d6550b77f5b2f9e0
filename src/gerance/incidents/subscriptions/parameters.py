"""Checks of the parameters of a subscription: its event types and agencies."""

from collections.abc import Sequence

from gerance.incidents.agencies.views import REACH
from gerance.incidents.rights import reach
from gerance.kernel.db import Connection
from gerance.kernel.errors import BadRequest
from gerance.kernel.identity.principal import Principal


async def require_agencies(
    connection: Connection, principal: Principal, agencies: Sequence[str]
) -> None:
    """Raise BadRequest that names the first agency which the user cannot read, or is none."""
    mine = reach(principal, REACH)
    rows = await connection.execute(
        f"SELECT a.uid::text FROM agency a WHERE a.uid = ANY(%(uids)s::uuid[]) AND {mine.sql}",
        {**mine.params, "uids": list(agencies)},
    )
    uids = {uid for (uid,) in await rows.fetchall()}
    for nth, uid in enumerate(agencies):
        if uid not in uids:
            raise BadRequest(f"There is no agency {uid} - at `$.agencies[{nth}]`")
