"""What a command refers to, looked up beside its aggregate in the same statement.

Each `..._named` gives a Reading of one column: the JSON object from uid to place of what is there.
What a command refers to must be there and within its sender's reach (`require_reached`: 400, with
the path); the aggregate it changes must be within reach too (`require_own`: 403).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from gerance.incidents.rights import Place, reaches
from gerance.kernel.errors import BadRequest, Forbidden
from gerance.kernel.identity.principal import Principal
from gerance.kernel.log.writer import Reading
from gerance.kernel.wire import decode


class CompanyPlace(Place, frozen=True, kw_only=True):
    """A company's own place, and which of the three it is."""

    company_type: str


P = TypeVar("P", bound=Place)

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
    """Reads the companies, as a JSON object from uid to Company."""
    return Reading((_COMPANIES,), {"named_companies": [uid for uid in uids if uid is not None]})


def agencies_named(uids: Iterable[str]) -> Reading:
    """Reads the agencies that are active, as a JSON object from uid to Place."""
    return Reading((_AGENCIES,), {"named_agencies": list(uids)})


def patrimonies_named(uids: Iterable[str]) -> Reading:
    """Reads the patrimonies, as a JSON object from uid to Place."""
    return Reading((_PATRIMONIES,), {"named_patrimonies": list(uids)})


def lots_named(uids: Iterable[str]) -> Reading:
    """Reads the lots, as a JSON object from uid to Place: that of the lot's patrimony."""
    return Reading((_LOTS,), {"named_lots": list(uids)})


def users_named(uids: Iterable[str]) -> Reading:
    """Reads the users that belong to a company, as a JSON object from uid to Place."""
    return Reading((_USERS,), {"named_users": list(uids)})


def owner_in(table: str, more: str = "") -> Reading:
    """Reads where the aggregate's row in `table` (`t`) belongs to, as the JSON of a Place.

    `more`: further fields of it, in SQL.
    """
    joined = f"{table} t JOIN company c ON c.uid = t.company WHERE t.uid = %(stream)s::uuid"
    return Reading((f"(SELECT json_build_object({_COMPANY}{more})::text FROM {joined})",))


def together(*readings: Reading) -> Reading:
    """Several readings as one: their columns in order."""
    params: dict[str, Any] = {}
    for reading in readings:
        params |= reading.params
    return Reading(tuple(column for reading in readings for column in reading.columns), params)


def places(column: str) -> dict[str, Place]:
    """What one of the readings above found, by uid."""
    return decode(dict[str, Place], column)


def companies(column: str) -> dict[str, CompanyPlace]:
    """What `companies_named` found, by uid."""
    return decode(dict[str, CompanyPlace], column)


def place(column: str | None) -> Place | None:
    """What `owner_in` found."""
    return None if column is None else decode(Place, column)


def require_owner(
    principal: Principal,
    found: Mapping[str, CompanyPlace],
    uid: str,
    path: str = "$.companyUid",
) -> CompanyPlace:
    """The client company that the command names as the owner of something new.

    Raises BadRequest when it is not there or a call centre, Forbidden when it is out of reach.
    """
    company = found.get(uid)
    if company is None or company.company_type == "CallCenter":
        raise BadRequest(f"{uid} is no client company - at `{path}`")
    require_own(principal, company, "This company")
    return company


def require_reached(
    principal: Principal,
    found: Mapping[str, P],
    uid: str,
    path: str,
    *,
    company: str | None = None,
    code: str = "BadRequest",
) -> P:
    """The place of what the command names at `path`.

    Raises BadRequest (with the family's `code`) when it is not there or out of reach: the two look
    alike, so that nobody learns what others have; and when it is not of `company`, if that is set.
    """
    place = found.get(uid)
    if place is None or not reaches(principal, place):
        raise BadRequest(f"{uid} is unknown, or out of your reach - at `{path}`", code=code)
    if company is not None and place.company != company:
        raise BadRequest(f"{uid} belongs to another company - at `{path}`", code=code)
    return place


def require_all_reached(
    principal: Principal,
    found: Mapping[str, P],
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
        place = require_reached(principal, found, uid, f"{path}[{nth}]", company=company, code=code)
        company = place.company
    assert company is not None
    return company


def require_own(principal: Principal, place: Place | None, what: str) -> None:
    """Raise Forbidden unless the user reaches what it is about to change or to add to.

    `place`: None for what belongs to no company, which only a super user reaches.
    """
    if principal.kind != "superUser" and (place is None or not reaches(principal, place)):
        raise Forbidden(f"{what} is out of your reach.")
