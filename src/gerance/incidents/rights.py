"""What each kind of user reaches, after the reference.

A super user reaches everything; a call-centre user what its call centre serves; a client-account
manager its company, a holding's also the subsidiaries; an executive its agencies; a patrimony
manager and a patrimony user their patrimonies. Every list, detail, count, search, export and feed
is cut by `reach`; every command is checked by `require_sender` and
`reaches`.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from gerance.kernel.errors import Forbidden
from gerance.kernel.identity.principal import Principal

Kinds = tuple[str, ...]
SUPER_USERS: Kinds = ("superUser",)
CALL_CENTERS: Kinds = (*SUPER_USERS, "callCenterUser")
MANAGERS: Kinds = (*CALL_CENTERS, "clientAccountManager")
EXECUTIVES: Kinds = (*MANAGERS, "executive")
PATRIMONY_MANAGERS: Kinds = (*EXECUTIVES, "patrimonyManager")
EVERYONE: Kinds = (*PATRIMONY_MANAGERS, "patrimonyUser")
"""The kinds of users that may send a command, from the fewest to all of them: its `senders`."""


class Condition(NamedTuple):
    """A condition in SQL and its parameters."""

    sql: str
    params: Mapping[str, Any] = {}


class Columns(msgspec.Struct, frozen=True):
    """Where a read table has what rights are about; None: it has no such column."""

    company: str
    call_center: str | None = None
    holding: str | None = None
    agencies: str | None = None
    patrimony: str | None = None
    patrimonies: str | None = None


class Ownership(msgspec.Struct, frozen=True, kw_only=True):
    """Where a thing is: what rights on it are decided by."""

    company: str
    call_center: str | None = None
    holding: str | None = None
    agencies: tuple[str, ...] = ()
    patrimonies: tuple[str, ...] = ()


def reach(principal: Principal, columns: Columns) -> Condition:
    """The rows of a read table that the user may see.

    A kind of user that is tied to agencies or patrimonies sees, of a table that has no such
    column, what belongs to its company.
    """
    company = {"my_company": principal.company}
    match principal.kind:
        case "superUser":
            return Condition("true")
        case "callCenterUser":
            if columns.call_center is not None:
                return Condition(f"{columns.call_center} = %(my_company)s::uuid", company)
            clients = "SELECT c.uid FROM company c WHERE c.call_center = %(my_company)s::uuid"
            return Condition(f"{columns.company} IN ({clients})", company)
        case "clientAccountManager":
            if columns.holding is not None:
                subsidiaries = f"{columns.holding} = %(my_company)s::uuid"
            else:
                subsidiaries_sql = (
                    "SELECT c.uid FROM company c WHERE c.holding = %(my_company)s::uuid"
                )
                subsidiaries = f"{columns.company} IN ({subsidiaries_sql})"
            return Condition(
                f"({columns.company} = %(my_company)s::uuid OR {subsidiaries})", company
            )
        case "executive" if columns.agencies is not None:
            return Condition(
                f"{columns.agencies} && %(my_agencies)s::uuid[]",
                {"my_agencies": list(principal.agencies)},
            )
        case "patrimonyManager" | "patrimonyUser" if columns.patrimony is not None:
            return Condition(
                f"{columns.patrimony} = ANY(%(my_patrimonies)s::uuid[])",
                {"my_patrimonies": list(principal.patrimonies)},
            )
        case "patrimonyManager" | "patrimonyUser" if columns.patrimonies is not None:
            return Condition(
                f"{columns.patrimonies} && %(my_patrimonies)s::uuid[]",
                {"my_patrimonies": list(principal.patrimonies)},
            )
        case "executive" | "patrimonyManager" | "patrimonyUser":
            return Condition(f"{columns.company} = %(my_company)s::uuid", company)
        case _:
            return Condition("false")


OF_PATRIMONY_CONTACTS = Columns(
    company="t.company",
    agencies="ARRAY(SELECT unnest(p.agencies) FROM patrimony p WHERE p.uid = ANY(t.patrimonies))",
    patrimonies="t.patrimonies",
)
"""Of the table `patrimony_contact t`."""
USER_AGENCIES = (
    "(u.agencies || ARRAY(SELECT unnest(p.agencies) FROM patrimony p"
    " WHERE p.uid = ANY(u.patrimonies)))"
)
_OF_USERS = Columns(company="u.company", agencies=USER_AGENCIES, patrimonies="u.patrimonies")


def reached_users(principal: Principal) -> Condition:
    """The rows of `account u` that the user may see: those it manages, or shares agencies or
    patrimonies with; a patrimony user sees only itself."""
    if principal.kind == "patrimonyUser":
        return Condition("u.uid = %(me)s::uuid", {"me": principal.uid})
    return reach(principal, _OF_USERS)


def reaches(principal: Principal, place: Ownership) -> bool:
    """Whether the user reaches a thing at that place; the same rule as `reach`, in Python."""
    match principal.kind:
        case "superUser":
            return True
        case "callCenterUser":
            return place.call_center is not None and place.call_center == principal.company
        case "clientAccountManager":
            return principal.company is not None and principal.company in (
                place.company,
                place.holding,
            )
        case "executive":
            return not set(place.agencies).isdisjoint(principal.agencies)
        case "patrimonyManager" | "patrimonyUser":
            return not set(place.patrimonies).isdisjoint(principal.patrimonies)
        case _:
            return False


def require_sender(principal: Principal, command: Any) -> None:
    """Raise Forbidden unless a user of this kind may send such a command."""
    if principal.kind not in command.senders:
        raise Forbidden(f"A {principal.kind} may not send {type(command).__name__}.")
