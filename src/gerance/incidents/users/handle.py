"""A command on a user: what it reads, who may send it, what it changes."""

from typing import Any

from gerance.incidents import references
from gerance.incidents.aggregate import Aggregate, CommandOutcome, Visibility
from gerance.incidents.companies.views import below_company
from gerance.incidents.messages import Stamp
from gerance.incidents.rights import USER_AGENCIES, reached_users
from gerance.incidents.users import commands as c
from gerance.incidents.users.decide import decide, login_taken_by_another, unknown
from gerance.incidents.users.events import UserEvent
from gerance.incidents.users.evolve import evolve
from gerance.incidents.users.state import User
from gerance.incidents.users.views import ACCOUNT, LOGIN_IN_USE, rows
from gerance.kernel.errors import BadRequest
from gerance.kernel.identity.principal import Principal
from gerance.kernel.log.writer import AggregateRow, Reading
from gerance.kernel.wire import SafeUUID, decode


def reading(command: Any, principal: Principal, uid: SafeUUID) -> Reading:
    """The account, whether its login is taken, where it belongs, what a new one names."""
    account = Reading((ACCOUNT, LOGIN_IN_USE), {"login": getattr(command, "login", "")})
    if not isinstance(command, c.UserReference):
        return references.together(account, references.owner_in("account"))
    return references.together(
        account,
        references.companies_named([getattr(command, "companyUid", None)]),
        references.agencies_named(getattr(command, "managedAgencies", [])),
        references.patrimonies_named(_patrimonies(command)[1]),
    )


def handle(
    command: c.ReferenceUser | c.IncrementUser,
    principal: Principal,
    snapshot: AggregateRow,
    stamp: Stamp,
) -> CommandOutcome:
    """What the command makes. Raises Rejection."""
    account, login_in_use, *places = snapshot.extra
    state = AGGREGATE.load(snapshot)
    if state is None and account is not None:
        state = decode(User, account)
    company = None
    if isinstance(command, c.UserReference):
        company = SafeUUID(_company(principal, command, *places))
    else:
        if isinstance(command, c.DisableUser) and command.aggregateUid not in (
            None,
            stamp.aggregate,
        ):
            raise BadRequest("Expected the user in the path - at `$.aggregateUid`")
        if state is not None:
            references.require_own(principal, references.place(places[0]), "This user")
    return AGGREGATE.change(state, command, stamp, company=company, login_in_use=login_in_use)


def _patrimonies(command: Any) -> tuple[str, list[SafeUUID]]:
    match command:
        case c.ReferencePatrimonyManager(managedPatrimonies=uids):
            return "$.managedPatrimonies", uids
        case c.ReferencePatrimonyUser(patrimonies=uids):
            return "$.patrimonies", uids
    return "", []


def _company(
    principal: Principal, command: c.UserReference, companies: str, agencies: str, patrimonies: str
) -> str:
    """The company of the new user. All agencies or patrimonies of the command belong to it."""
    company: str | None = None
    if isinstance(command, c.StaffReference):
        company = command.companyUid
        references.require_owner(principal, references.companies(companies), company)
    if isinstance(command, c.ReferenceExecutive):
        path, uids, places = "$.managedAgencies", command.managedAgencies, agencies
    else:
        path, uids = _patrimonies(command)
        places = patrimonies
    if company is not None and not uids:
        return company
    return references.require_all_reached(
        principal, references.places(places), uids, path, company=company
    )


AGGREGATE = Aggregate(
    name="user",
    category="user",
    commands=c.ReferenceUser | c.IncrementUser,
    events=UserEvent,
    state=User,
    decide=decide,
    evolve=evolve,
    project=rows,
    visible=Visibility(
        "account u", "u.uid", below_company("u.company", reached_users), USER_AGENCIES
    ),
    reading=reading,
    handle=handle,
    unknown=unknown,
    conflicts={"account_login": lambda command: login_taken_by_another(command.login)},
)
