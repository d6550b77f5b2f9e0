"""Accounts as operators handle them: add, list, change the password, disable."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import uuid4

from psycopg.errors import UniqueViolation
from psycopg.rows import dict_row

from gerance.kernel.db import Connection
from gerance.kernel.errors import Refused
from gerance.kernel.identity.passwords import hash_password
from gerance.kernel.identity.principal import Principal

KINDS = (
    "superUser",
    "callCenterUser",
    "clientAccountManager",
    "executive",
    "patrimonyManager",
    "patrimonyUser",
)


async def add_user(
    connection: Connection,
    *,
    kind: str,
    login: str,
    password: str,
    first_name: str | None,
    last_name: str,
    company_uid: str | None = None,
    agency_uids: Sequence[str] = (),
    patrimony_uids: Sequence[str] = (),
    job: str | None = None,
    phone: str | None = None,
    uid: str | None = None,
    actor: str = "operator",
) -> str:
    """A new account; its uid. Raises Refused: unknown kind, login taken, password too short."""
    if kind not in KINDS:
        raise Refused("UnknownKind", f"{kind!r} is no kind of user: {', '.join(KINDS)}.")
    if kind != "superUser" and company_uid is None:
        raise Refused("CompanyMissing", f"Users of the kind {kind} belong to a company: say which.")
    uid = uid or str(uuid4())
    try:
        await connection.execute(
            "INSERT INTO account (uid, kind, login, company, agencies, patrimonies, first_name,"
            " last_name, job, phone, password_hash)"
            " VALUES (%s, %s, %s, %s, %s::uuid[], %s::uuid[], %s, %s, %s, %s, %s)",
            [
                uid, kind, login, company_uid, list(agency_uids), list(patrimony_uids), first_name,
                last_name, job, phone, _hashed(password),
            ],
        )  # fmt: skip
    except UniqueViolation as taken:
        raise Refused("LoginTaken", f"The login {login} is already in use.") from taken
    await audit(connection, actor, "user added", login)
    return uid


async def list_users(connection: Connection) -> list[dict[str, Any]]:
    """All accounts by login, without their password hashes."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            'SELECT uid::text, kind, login, company::text AS "companyUid",'
            ' first_name AS "firstName", last_name AS "lastName", disabled,'
            ' password_hash IS NOT NULL AS "hasPassword" FROM account ORDER BY fold(login)'
        )
        return await cursor.fetchall()


async def set_password(
    connection: Connection, login: str, password: str, *, actor: str = "operator"
) -> None:
    """A new password; every session of the account ends. Raises Refused: no such login."""
    await _change(
        connection, login, "password_hash = %(value)s", _hashed(password), "password set", actor
    )


async def disable_user(connection: Connection, login: str, *, actor: str = "operator") -> None:
    """The account can no longer log in; every session of it ends. Raises Refused: no such login."""
    await _change(connection, login, "disabled = %(value)s", True, "user disabled", actor)


async def principals(connection: Connection, uids: Collection[str]) -> dict[str, Principal]:
    """The accounts of these uids with their rights as of now; those that are disabled are left out.

    For what is done in somebody's name without a session.
    """
    rows = await connection.execute(
        "SELECT uid::text, kind, login, company::text, agencies::text[], patrimonies::text[]"
        " FROM account WHERE uid = ANY(%s::uuid[]) AND NOT disabled",
        [list(uids)],
    )
    return {
        uid: Principal(
            uid=uid,
            kind=kind,
            login=login,
            company=company,
            agencies=tuple(agencies),
            patrimonies=tuple(patrimonies),
        )
        for uid, kind, login, company, agencies, patrimonies in await rows.fetchall()
    }


async def audit(connection: Connection, actor: str, act: str, subject: str) -> None:
    """Write down an administrative act: who did what to whom."""
    await connection.execute(
        "INSERT INTO audit (actor, act, subject) VALUES (%s, %s, %s)", [actor, act, subject]
    )


async def _change(
    connection: Connection, login: str, assignment: str, value: str | bool, act: str, actor: str
) -> None:
    async with connection.transaction():
        changed = await connection.execute(
            f"UPDATE account SET {assignment} WHERE fold(login) = fold(%(login)s) RETURNING uid",
            {"value": value, "login": login},
        )
        row = await changed.fetchone()
        if row is None:
            raise Refused("UnknownUser", f"There is no user with the login {login}.")
        await connection.execute("DELETE FROM session WHERE account = %s", [row[0]])
        await audit(connection, actor, act, login)


def _hashed(password: str) -> str:
    try:
        return hash_password(password)
    except ValueError as refused:
        raise Refused("PasswordRefused", str(refused)) from refused
