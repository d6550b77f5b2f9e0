"""The table `account`, as far as commands change it, and the list of a company's users.

Passwords belong to the operator, who may also disable a user for good.
"""

from typing import Literal

from gerance.incidents.lists import Listing
from gerance.incidents.messages import Link
from gerance.incidents.projections import upsert_rows
from gerance.incidents.rights import USER_AGENCIES
from gerance.incidents.users.state import User
from gerance.incidents.values import Value
from gerance.kernel.log.writer import Projection
from gerance.kernel.wire import SafeUUID

_BY_NAME = 'ORDER BY fold(a.name) COLLATE "C", a.uid'
_MANAGED_AGENCIES = (
    f"(SELECT coalesce(json_agg(json_build_object('uid', a.uid, 'label', a.name) {_BY_NAME}),"
    f" '[]'::json) FROM agency a WHERE a.uid = ANY({USER_AGENCIES}))"
)
_PATRIMONIES = (
    "(SELECT coalesce(json_agg(json_build_object('uid', p.uid, 'label', p.label, 'ref', p.ref)"
    " ORDER BY fold(p.ref) COLLATE \"C\", p.uid), '[]'::json)"
    " FROM patrimony p WHERE p.uid = ANY(u.patrimonies))"
)

USERS = Listing(
    table="account u",
    uid="u.uid",
    sort="fold(concat_ws(' ', u.last_name, u.first_name))",
    joins="LEFT JOIN company c ON c.uid = u.company",
    element=(
        "json_build_object('uid', u.uid, 'login', u.login, 'company', CASE WHEN c.uid IS NOT NULL"
        " THEN json_build_object('uid', c.uid, 'label', c.name) END, 'managedAgencies',"
        f" CASE WHEN u.kind IN ('executive', 'patrimonyManager') THEN {_MANAGED_AGENCIES} END,"
        f" 'managedPatrimonies', CASE WHEN u.kind = 'patrimonyManager' THEN {_PATRIMONIES} END,"
        f" 'patrimonies', CASE WHEN u.kind = 'patrimonyUser' THEN {_PATRIMONIES} END,"
        " 'firstName', u.first_name, 'lastName', u.last_name, 'job', u.job, 'phone', u.phone,"
        " 'userType', u.kind)"
    ),
)
"""Users by last name, as UserQueryView."""

ACCOUNT = (
    "(SELECT json_strip_nulls(json_build_object('kind', u.kind, 'login', u.login,"
    " 'last_name', u.last_name, 'first_name', u.first_name, 'company', u.company,"
    " 'agencies', u.agencies, 'patrimonies', u.patrimonies, 'job', u.job, 'phone', u.phone,"
    " 'disabled', u.disabled))::text FROM account u WHERE u.uid = %(stream)s::uuid)"
)
"""SQL: the user as its account has it: an operator may have added it without a command."""

LOGIN_IN_USE = (
    "EXISTS (SELECT FROM account u"
    " WHERE fold(u.login) = fold(%(login)s::text) AND u.uid <> %(stream)s::uuid)"
)
"""SQL: whether another user has the login."""

_CASTS = {
    "kind": "text",
    "login": "text",
    "company": "uuid",
    "agencies": "uuid[]",
    "patrimonies": "uuid[]",
    "first_name": "text",
    "last_name": "text",
    "job": "text",
    "phone": "text",
    "disabled": "boolean",
}


class UserCompany(Value):
    uid: SafeUUID
    label: str


class UserPatrimony(Value):
    uid: SafeUUID
    ref: str
    label: str | None = None


class UserQueryView(Value, kw_only=True):
    """Which of the lists there are depends on `userType`."""

    uid: SafeUUID
    login: str
    lastName: str
    userType: Literal[
        "superUser",
        "callCenterUser",
        "clientAccountManager",
        "executive",
        "patrimonyManager",
        "patrimonyUser",
    ]
    company: UserCompany | None = None
    managedAgencies: list[UserCompany] | None = None
    managedPatrimonies: list[UserPatrimony] | None = None
    patrimonies: list[UserPatrimony] | None = None
    firstName: str | None = None
    job: str | None = None
    phone: str | None = None


class UserResultView(Value, rename={"links": "_links"}):
    result: list[UserQueryView]
    links: list[Link]


def rows(state: User, uid: SafeUUID) -> list[Projection]:
    """All the rows that the user's state makes. A disabled account stays disabled."""
    row = {"uid": uid, **{name: getattr(state, name) for name in _CASTS}}
    return [
        upsert_rows(
            "account",
            [row],
            {"uid": "uuid", **_CASTS},
            settings={"disabled": "account.disabled OR excluded.disabled"},
            owner="company",
        )
    ]
