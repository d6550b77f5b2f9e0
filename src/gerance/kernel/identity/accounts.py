"""Accounts as operators handle them: add, list, change the password, disable."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import uuid4

from psycopg.errors import UniqueViolation
from psycopg.rows import dict_row

from gerance.kernel.db import Connection
from gerance.kernel.errors import Rejection
from gerance.kernel.identity.passwords import new_password_hash
from gerance.kernel.identity.principal import Principal
from gerance.kernel.identity.security_log import record
from gerance.kernel.identity.sessions import end_sessions

KINDS = (
    "superUser",
    "callCenterUser",
    "clientAccountManager",
    "executive",
    "patrimonyManager",
    "patrimonyUser",
)


EDITIONS = ("2016", "2017", "2020")
"""The editions of the incident API."""


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
    """A new account; its uid. Raises Rejection: unknown kind, login taken, password too weak."""
    if kind not in KINDS:
        raise Rejection("UnknownKind", f"{kind!r} is not a kind of user: {', '.join(KINDS)}.")
    if kind != "superUser" and company_uid is None:
        raise Rejection("CompanyMissing", f"A {kind} needs a company.")
    uid = uid or str(uuid4())
    rows = await connection.execute("SELECT name FROM company WHERE uid = %s", [company_uid])
    company = await rows.fetchone() or (None,)
    hash_text = await new_password_hash(password, login, first_name, last_name, *company)
    try:
        await connection.execute(
            "INSERT INTO account (uid, kind, login, company, agencies, patrimonies, first_name,"
            " last_name, job, phone, password_hash)"
            " VALUES (%s, %s, %s, %s, %s::uuid[], %s::uuid[], %s, %s, %s, %s, %s)",
            [
                uid, kind, login, company_uid, list(agency_uids), list(patrimony_uids), first_name,
                last_name, job, phone, hash_text,
            ],
        )  # fmt: skip
    except UniqueViolation as taken:
        raise Rejection("LoginTaken", f"The login {login} is already in use.") from taken
    await audit(connection, actor, "user added", login)
    return uid


async def list_users(connection: Connection) -> list[dict[str, Any]]:
    """All accounts by login, without their password hashes."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            'SELECT uid::text, kind, login, company::text AS "companyUid", edition,'
            ' hidden_types AS "hiddenTypes",'
            ' first_name AS "firstName", last_name AS "lastName", disabled,'
            ' password_hash IS NOT NULL AS "hasPassword" FROM account ORDER BY fold(login)'
        )
        return await cursor.fetchall()


async def set_password(
    connection: Connection, login: str, password: str, *, actor: str = "operator"
) -> None:
    """A new password; every session of the account ends. Raises Rejection: no such login, password
    too weak."""
    rows = await connection.execute(
        "SELECT a.login, a.first_name, a.last_name, c.name FROM account a"
        " LEFT JOIN company c ON c.uid = a.company WHERE fold(a.login) = fold(%s)",
        [login],
    )
    hash_text = await new_password_hash(password, *(await rows.fetchone() or (login,)))
    await _change(connection, login, "password_hash = %(value)s", hash_text, "password set", actor)


async def set_edition(
    connection: Connection,
    login: str,
    edition: str,
    hidden_types: Sequence[str] = (),
    *,
    actor: str = "operator",
) -> None:
    """The edition of the incident API that the client of an account reads, and the event types and
    kinds of users that it cannot. Raises Rejection: unknown edition, no such login."""
    if edition not in EDITIONS:
        raise Rejection("UnknownEdition", f"{edition!r} is not an edition: {', '.join(EDITIONS)}.")
    async with connection.transaction():
        result = await connection.execute(
            "UPDATE account SET edition = %s, hidden_types = %s WHERE fold(login) = fold(%s)",
            [edition, list(hidden_types), login],
        )
        if not result.rowcount:
            raise _unknown(login)
        await audit(connection, actor, f"edition set to {edition}", login)


async def disable_user(connection: Connection, login: str, *, actor: str = "operator") -> None:
    """The account can no longer log in; every session of it ends. Raises Rejection: no such
    login."""
    await _change(connection, login, "disabled = %(value)s", True, "user disabled", actor)


async def log_out_user(connection: Connection, login: str, *, actor: str = "operator") -> int:
    """End all sessions of the account; how many. Raises Rejection: no such login."""
    async with connection.transaction():
        rows = await connection.execute(
            "SELECT uid::text FROM account WHERE fold(login) = fold(%s)", [login]
        )
        row = await rows.fetchone()
        if row is None:
            raise _unknown(login)
        ended = await end_sessions(connection, row[0])
        await audit(connection, actor, "sessions ended", login)
    return ended


async def principals(connection: Connection, uids: Collection[str]) -> dict[str, Principal]:
    """The accounts of these uids with their rights as of now, without those that are disabled.

    For work that is done in a user's name without a session.
    """
    rows = await connection.execute(
        "SELECT uid::text, kind, login, company::text, agencies::text[], patrimonies::text[],"
        " edition, hidden_types FROM account WHERE uid = ANY(%s::uuid[]) AND NOT disabled",
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
            edition=edition,
            hidden_types=tuple(hidden_types),
        )
        for uid, kind, login, company, agencies, patrimonies, edition, hidden_types in (
            await rows.fetchall()
        )
    }


async def audit(connection: Connection, actor: str, act: str, subject: str) -> None:
    """Record an administrative act, in the database and the security log: who did what to whom."""
    await connection.execute(
        "INSERT INTO audit (actor, act, subject) VALUES (%s, %s, %s)", [actor, act, subject]
    )
    record("administrative_act", actor=actor, act=act, subject=subject)


async def _change(
    connection: Connection, login: str, assignment: str, value: str | bool, act: str, actor: str
) -> None:
    async with connection.transaction():
        result = await connection.execute(
            f"UPDATE account SET {assignment} WHERE fold(login) = fold(%(login)s)"
            " RETURNING uid::text",
            {"value": value, "login": login},
        )
        row = await result.fetchone()
        if row is None:
            raise _unknown(login)
        await end_sessions(connection, row[0])
        await audit(connection, actor, act, login)


def _unknown(login: str) -> Rejection:
    return Rejection("UnknownUser", f"There is no user with the login {login}.")
