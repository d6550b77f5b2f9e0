"""What a command refers to, read with its aggregate in the same statement.

Each `..._named` gives a Reading of one column: a JSON object from uid to Ownership. What a
command refers to must exist and be within its sender's reach (`require_reached`: 400, with the
path). The aggregate it changes must be within reach, too (`require_own`: 403).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from gerance.incidents.rights import Ownership, reaches
from gerance.kernel.errors import BadRequest, Forbidden
from gerance.kernel.identity.principal import Principal
from gerance.kernel.log.writer import Reading
from gerance.kernel.wire import decode


class CompanyPlace(Ownership, frozen=True, kw_only=True):
    """The ownership of a company itself, and its type."""

    company_type: str


P = TypeVar("P", bound=Ownership)

_COMPANY = "'company', c.uid, 'call_center', c.call_center, 'holding', c.holding"


def _by_uid(uid: str, more: str, source: str) -> str:
    built = f"json_object_agg({uid}, json_build_object({_COMPANY}{more}))"
    return f"(SELECT coalesce({built}, '{{}}'::json)::text FROM {source})"


_COMPANIES = _by_uid(
    "c.uid",
    ", 'company_type', c.company_type",
    "company c WHERE c.uid = ANY(%(named_companies)s::uuid[])",
)
_AGENCIES = _by_uid(
    "a.uid",
    ", 'agencies', json_build_array(a.uid)",
    "agency a JOIN company c ON c.uid = a.company"
    " WHERE a.active AND a.uid = ANY(%(named_agencies)s::uuid[])",
)
_PATRIMONIES = _by_uid(
    "p.uid",
    ", 'agencies', p.agencies, 'patrimonies', json_build_array(p.uid)",
    "patrimony p JOIN company c ON c.uid = p.company"
    " WHERE p.uid = ANY(%(named_patrimonies)s::uuid[])",
)
_LOTS = _by_uid(
    "l.uid",
    ", 'agencies', p.agencies, 'patrimonies', json_build_array(p.uid)",
    "lot l JOIN patrimony p ON p.uid = l.patrimony JOIN company c ON c.uid = p.company"
    " WHERE l.uid = ANY(%(named_lots)s::uuid[])",
)
_USERS = _by_uid(
    "u.uid",
    ", 'agencies', u.agencies, 'patrimonies', u.patrimonies",
    "account u JOIN company c ON c.uid = u.company WHERE u.uid = ANY(%(named_users)s::uuid[])",
)


def companies_named(uids: Iterable[str | None]) -> Reading:
    """Reads companies, as a JSON object from uid to CompanyPlace."""
    return Reading((_COMPANIES,), {"named_companies": [uid for uid in uids if uid is not None]})


def agencies_named(uids: Iterable[str]) -> Reading:
    """Reads active agencies, as a JSON object from uid to Ownership."""
    return Reading((_AGENCIES,), {"named_agencies": list(uids)})


def patrimonies_named(uids: Iterable[str]) -> Reading:
    """Reads patrimonies, as a JSON object from uid to Ownership."""
    return Reading((_PATRIMONIES,), {"named_patrimonies": list(uids)})


def lots_named(uids: Iterable[str]) -> Reading:
    """Reads lots, as a JSON object from uid to the Ownership of the lot's patrimony."""
    return Reading((_LOTS,), {"named_lots": list(uids)})


def users_named(uids: Iterable[str]) -> Reading:
    """Reads users of companies, as a JSON object from uid to Ownership."""
    return Reading((_USERS,), {"named_users": list(uids)})


def owner_in(table: str, more: str = "") -> Reading:
    """Reads the Ownership of the aggregate's row in `table` (`t`), as JSON.

    `more`: further members of it, in SQL.
    """
    source = f"{table} t JOIN company c ON c.uid = t.company WHERE t.uid = %(stream)s::uuid"
    return Reading((f"(SELECT json_build_object({_COMPANY}{more})::text FROM {source})",))


def together(*readings: Reading) -> Reading:
    """Several readings as one: their columns in order."""
    params: dict[str, Any] = {}
    for reading in readings:
        params |= reading.params
    return Reading(tuple(column for reading in readings for column in reading.columns), params)


def places(column: str) -> dict[str, Ownership]:
    """What one of the readings above found, by uid."""
    return decode(dict[str, Ownership], column)


def companies(column: str) -> dict[str, CompanyPlace]:
    """What `companies_named` found, by uid."""
    return decode(dict[str, CompanyPlace], column)


def place(column: str | None) -> Ownership | None:
    """What `owner_in` found."""
    return None if column is None else decode(Ownership, column)


def require_owner(
    principal: Principal,
    places: Mapping[str, CompanyPlace],
    uid: str,
    path: str = "$.companyUid",
) -> CompanyPlace:
    """The client company that the command names as the owner of something new.

    Raises BadRequest when it is not there or a call centre, Forbidden when it is out of reach.
    """
    company = places.get(uid)
    if company is None or company.company_type == "CallCenter":
        raise BadRequest(f"{uid} is not a client company - at `{path}`")
    require_own(principal, company, "This company")
    return company


def require_call_center(
    principal: Principal, places: Mapping[str, CompanyPlace], uid: str, path: str
) -> CompanyPlace:
    """The call centre that the command names as the owner of something new.

    Raises BadRequest when it is not there or none, Forbidden when it is out of reach.
    """
    center = places.get(uid)
    if center is None or center.company_type != "CallCenter":
        raise BadRequest(f"{uid} is not a call centre - at `{path}`")
    require_own(principal, center, "This call centre")
    return center


def require_reached(
    principal: Principal,
    places: Mapping[str, P],
    uid: str,
    path: str,
    *,
    company: str | None = None,
    code: str = "BadRequest",
) -> P:
    """The place of what the command names at `path`.

    Raises BadRequest (with the `code`) when it does not exist or is out of reach: both look
    alike, so that a sender learns nothing of others' data. Raises it also when it belongs to
    another company than `company`, if that is set.
    """
    place = places.get(uid)
    if place is None or not reaches(principal, place):
        raise BadRequest(f"{uid} is unknown or out of your reach - at `{path}`", code=code)
    if company is not None and place.company != company:
        raise BadRequest(f"{uid} belongs to another company - at `{path}`", code=code)
    return place


def require_all_reached(
    principal: Principal,
    places: Mapping[str, P],
    uids: Sequence[str],
    path: str,
    *,
    company: str | None = None,
    code: str = "BadRequest",
) -> str:
    """The company that all of `uids` belong to: `company` if set, else that of the first.

    Raises BadRequest as `require_reached`; `uids` is not empty.
    """
    for nth, uid in enumerate(uids):
        place = require_reached(
            principal, places, uid, f"{path}[{nth}]", company=company, code=code
        )
        company = place.company
    assert company is not None
    return company


def require_own(principal: Principal, place: Ownership | None, what: str) -> None:
    """Raise Forbidden unless the user reaches what it is about to change or to add to.

    `place`: None for what belongs to no company, which only a super user reaches.
    """
    if principal.kind != "superUser" and (place is None or not reaches(principal, place)):
        raise Forbidden(f"{what} is out of your reach.")
