"""Users over HTTP: reference, update, disable, list."""

from psycopg.errors import UniqueViolation
from starlette.responses import Response

from gerance.incidents import references
from gerance.incidents.command_endpoint import aggregate_for, carry_out, changed
from gerance.incidents.companies.views import reached
from gerance.incidents.lists import ACTIVE, RANGE, answer_page, switched
from gerance.incidents.messages import Stamp
from gerance.incidents.rights import Condition, reached_users, require_kind
from gerance.incidents.users import commands as c
from gerance.incidents.users.decide import decide, login_is_taken
from gerance.incidents.users.events import UserEventResultView
from gerance.incidents.users.evolve import evolve
from gerance.incidents.users.state import User
from gerance.incidents.users.views import KNOWN, TAKEN, USERS, UserQueryView, rows
from gerance.kernel.errors import BadRequest, Refused
from gerance.kernel.http.endpoint import Call, Endpoint
from gerance.kernel.identity.principal import Principal
from gerance.kernel.log.writer import Change, Loaded, Reading
from gerance.kernel.wire import SafeUUID, decode, members

CATEGORY = "user"
_WRITERS = ("superUser", "callCenterUser", "clientAccountManager")


async def _reference(call: Call) -> Response:
    command: c.ReferenceUser = await call.message()
    principal = call.principal
    require_kind(principal, *_WRITERS)
    uid = aggregate_for(command.processUid, command.aggregateUid)

    def decided(loaded: Loaded, stamp: Stamp) -> Change:
        known, taken, *named = loaded.beside
        company = _company(principal, command, *named)
        state = _state(loaded, known)
        events = decide(state, command, stamp, company=SafeUUID(company), login_taken=taken)
        return changed(state, events, evolve, lambda user: rows(user, uid))

    reading = references.together(
        Reading((KNOWN, TAKEN), {"login": command.login}),
        references.companies_named([getattr(command, "companyUid", None)]),
        references.agencies_named(getattr(command, "managedAgencies", [])),
        references.patrimonies_named(_patrimonies(command)[1]),
    )
    try:
        return await carry_out(
            call,
            category=CATEGORY,
            aggregate=uid,
            process_uid=command.processUid,
            decide=decided,
            reading=reading,
            status=201,
        )
    except UniqueViolation as violation:
        raise _taken(violation, command.login) from violation


async def _increment(call: Call) -> Response:
    command: c.IncrementUser = await call.message()
    principal = call.principal
    require_kind(principal, *_WRITERS)
    uid = call.uid("user_uid")
    if uid is None:
        raise Refused("ImpossibleToPerformCommandOnNonExistingUser", "The path names no user.")
    if isinstance(command, c.DisableUser) and command.aggregateUid not in (None, uid):
        raise BadRequest("Not the user that the path names - at `$.aggregateUid`")
    login = command.login if isinstance(command, c.UpdateLogin) else ""

    def decided(loaded: Loaded, stamp: Stamp) -> Change:
        known, taken, owner = loaded.beside
        state = _state(loaded, known)
        if state is not None:
            references.require_own(principal, references.place(owner), "This user")
        events = decide(state, command, stamp, login_taken=taken)
        return changed(state, events, evolve, lambda user: rows(user, uid))

    try:
        return await carry_out(
            call,
            category=CATEGORY,
            aggregate=uid,
            process_uid=command.processUid,
            decide=decided,
            reading=references.together(
                Reading((KNOWN, TAKEN), {"login": login}), references.owner_in("account")
            ),
        )
    except UniqueViolation as violation:
        raise _taken(violation, login) from violation


def _state(loaded: Loaded, known: str | None) -> User | None:
    text = loaded.state or known
    return decode(User, text) if text else None


def _patrimonies(command: c.ReferenceUser) -> tuple[str, list[SafeUUID]]:
    match command:
        case c.ReferencePatrimonyManager(managedPatrimonies=uids):
            return "$.managedPatrimonies", uids
        case c.ReferencePatrimonyUser(patrimonies=uids):
            return "$.patrimonies", uids
    return "", []


def _company(
    principal: Principal, command: c.ReferenceUser, companies: str, agencies: str, patrimonies: str
) -> str:
    """The company the new user belongs to; all that it is given is of that company."""
    company: str | None = None
    if isinstance(command, c.StaffReference):
        company = command.companyUid
        references.require_owner(principal, references.companies(companies), company)
    if isinstance(command, c.ReferenceExecutive):
        path, uids, found = "$.managedAgencies", command.managedAgencies, agencies
    else:
        path, uids = _patrimonies(command)
        found = patrimonies
    if company is not None and not uids:
        return company
    return references.require_all_reached(
        principal, references.places(found), uids, path, company=company
    )


def _taken(violation: UniqueViolation, login: str) -> Exception:
    if violation.diag.constraint_name == "account_login":
        return login_is_taken(login)
    return violation


async def _list(call: Call) -> Response:
    uid = call.uid("company_uid")
    conditions = [
        reached_users(call.principal),
        Condition("u.company = %(company)s::uuid", {"company": uid}),
    ]
    if (active := switched(call, "active")) is not None:
        conditions.append(Condition("u.disabled = %(disabled)s", {"disabled": not active}))
    return await answer_page(call, USERS, conditions, parent=reached(call.principal, uid))


ENDPOINTS = (
    Endpoint(
        method="POST",
        path="/api/vEvent/users",
        handler=_reference,
        summary="Reference a user of a client company",
        description=", ".join(kind.__name__ for kind in members(c.ReferenceUser)),
        tag="Users",
        body=c.ReferenceUser,
        answers={201: UserEventResultView},
        error_family="UserEventError",
    ),
    Endpoint(
        method="PATCH",
        path="/api/vEvent/users/{user_uid}",
        handler=_increment,
        summary="Update or disable a user",
        description=", ".join(kind.__name__ for kind in members(c.IncrementUser)),
        tag="Users",
        body=c.IncrementUser,
        answers={200: UserEventResultView},
        error_family="UserEventError",
    ),
    Endpoint(
        method="GET",
        path="/api/v1/clientcompanies/{company_uid}/users",
        handler=_list,
        summary="The users of a company, by last name",
        tag="Users",
        query=(RANGE, ACTIVE),
        answers={200: list[UserQueryView], 206: list[UserQueryView]},
    ),
)
