"""Partners and their sources, as operators handle them. Each act leaves a row in `audit`."""

from typing import Any

from psycopg.errors import UniqueViolation
from psycopg.rows import dict_row

from gerance.kernel.db import Connection
from gerance.kernel.errors import Rejection
from gerance.kernel.identity.accounts import audit
from gerance.partners.programme.names import check_code, check_name, require_partner
from gerance.partners.programme.tokens import insert_token


async def add_partner(
    connection: Connection,
    *,
    code: str,
    name: str,
    sources: list[str],
    token: str | None = None,
    actor: str = "operator",
) -> str:
    """A new partner with the brands from which its calls come; its first token, shown once.

    `token`: the one to take, a new one unless it is given. Raises Rejection: code that cannot be
    used or is taken, name that cannot be used.
    """
    try:
        async with connection.transaction():
            await connection.execute(
                "INSERT INTO partner (code, name) VALUES (%s, %s)",
                [check_code(code), check_name(name)],
            )
            for source in sources:
                await _insert_source(connection, code, source)
            token_value = await insert_token(connection, code, token)
            await audit(connection, actor, "partner added", code)
    except UniqueViolation as taken:
        raise Rejection("PartnerTaken", f"The code {code} is already in use.") from taken
    return token_value


async def list_partners(connection: Connection) -> list[dict[str, Any]]:
    """All partners by code, without a secret; `customers` counts leads too."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            'SELECT p.code, p.name, p.disabled, p.created, p.mail_senders AS "mailSenders",'
            " ARRAY(SELECT s.name FROM partner_source s WHERE s.partner = p.code AND s.active"
            " ORDER BY s.name) AS sources,"
            " (SELECT count(*) FROM partner_token t WHERE t.partner = p.code"
            " AND t.expires > now()) AS tokens,"
            " (SELECT count(*) FROM partner_customer c WHERE c.partner = p.code) AS customers"
            " FROM partner p ORDER BY p.code"
        )
        return await cursor.fetchall()


async def set_disabled(
    connection: Connection, code: str, disabled: bool, *, actor: str = "operator"
) -> None:
    """Let a partner call no more, or again; its customers stay what they are.

    Raises Rejection (`UnknownPartner`).
    """
    async with connection.transaction():
        await require_partner(connection, code)
        await connection.execute(
            "UPDATE partner SET disabled = %s WHERE code = %s", [disabled, code]
        )
        await audit(connection, actor, f"partner {'disabled' if disabled else 'enabled'}", code)


async def set_source(
    connection: Connection, code: str, name: str, *, active: bool = True, actor: str = "operator"
) -> None:
    """Take calls from a brand of the partner, or take them no more.

    Raises Rejection: unknown partner, name that cannot be used, brand to end that is not there.
    """
    async with connection.transaction():
        await require_partner(connection, code)
        if active:
            await _insert_source(connection, code, name)
        else:
            ended = await connection.execute(
                "UPDATE partner_source SET active = false"
                " WHERE partner = %s AND fold(name) = fold(%s) AND active",
                [code, name],
            )
            if not ended.rowcount:
                raise Rejection("UnknownSource", f"{code} has no source {name}.")
        act = "partner source added" if active else "partner source ended"
        await audit(connection, actor, act, f"{code} {name}")


async def _insert_source(connection: Connection, code: str, name: str) -> None:
    await connection.execute(
        "INSERT INTO partner_source (partner, name) VALUES (%s, %s)"
        " ON CONFLICT (partner, fold(name)) DO UPDATE SET active = true, name = excluded.name",
        [code, check_name(name)],
    )
