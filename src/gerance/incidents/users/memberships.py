"""What an account that an operator adds may be tied to: what is there, and its company's."""

from collections.abc import Sequence

from gerance.kernel.db import Connection
from gerance.kernel.errors import Rejection

_NEEDS = {"executive": "agency", "patrimonyManager": "patrimony", "patrimonyUser": "patrimony"}


async def require_belongings(
    connection: Connection,
    *,
    kind: str,
    company: str | None,
    agencies: Sequence[str],
    patrimonies: Sequence[str],
) -> None:
    """Raise Rejection when the company, or something of it that is named, is not there."""
    if company is None:
        return
    rows = await connection.execute(
        "SELECT company_type FROM company WHERE uid::text = lower(%s)", [company]
    )
    row = await rows.fetchone()
    if row is None:
        raise Rejection("BelongingRefused", f"There is no company {company}.")
    if (row[0] == "CallCenter") != (kind == "callCenterUser"):
        expectation = (
            "a call centre" if kind == "callCenterUser" else "a client account or a holding"
        )
        raise Rejection("BelongingRefused", f"A {kind} needs a company that is {expectation}.")
    uids_of = {"agency": agencies, "patrimony": patrimonies}
    table_needed = _NEEDS.get(kind)
    if table_needed is not None and not uids_of[table_needed]:
        raise Rejection("BelongingRefused", f"A {kind} needs at least one {table_needed}.")
    for table, uids in uids_of.items():
        for uid in uids:
            rows = await connection.execute(
                f"SELECT 1 FROM {table} WHERE uid::text = lower(%s) AND company::text = lower(%s)",
                [uid, company],
            )
            if await rows.fetchone() is None:
                raise Rejection("BelongingRefused", f"The company has no {table} {uid}.")
