"""A user is referenced once; logins are told apart by more than accents and case."""

from typing import Any

import msgspec

from gerance.incidents.messages import Stamp, heading
from gerance.incidents.users import commands as c
from gerance.incidents.users import events as e
from gerance.kernel.errors import Refused
from gerance.kernel.wire import SafeUUID


class User(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A user as it is. `company`: None for a super user alone."""

    kind: str
    login: str
    last_name: str
    company: SafeUUID | None = None
    agencies: list[SafeUUID] = []
    patrimonies: list[SafeUUID] = []
    first_name: str | None = None
    job: str | None = None
    phone: str | None = None
    disabled: bool = False


def decide(
    state: User | None,
    command: c.ReferenceUser | c.IncrementUser,
    stamp: Stamp,
    *,
    company: SafeUUID | None = None,
    login_taken: bool = False,
) -> list[e.UserEvent]:
    """The events of a command.

    `company`: what a referenced user belongs to; `login_taken`: another has the login. Raises
    Refused: the user exists, or does not, or the login is taken.
    """
    at = heading(command, stamp)
    if login_taken and isinstance(command, c.Reference | c.UpdateLogin):
        raise login_is_taken(command.login)
    if isinstance(command, c.Reference):
        if state is not None:
            raise Refused(
                "ImpossibleToReferenceExistingUser", f"The user {stamp.aggregate} exists."
            )
        if company is None:
            raise ValueError("a referenced user belongs to a company")
        return [_referenced(command, {**at, "companyUid": company})]
    if state is None:
        raise Refused(
            "ImpossibleToPerformCommandOnNonExistingUser", f"There is no user {stamp.aggregate}."
        )
    match command:
        case c.DisableUser():
            return [e.UserDisabled(**at)]
        case c.UpdateUser(firstName=first, lastName=last, job=job, phone=phone):
            return [e.UserUpdated(firstName=first, lastName=last, job=job, phone=phone, **at)]
        case c.UpdateLogin(login=login):
            return [e.LoginUpdated(login=login, **at)]


def login_is_taken(login: str) -> Refused:
    """The refusal of a login that another user has."""
    return Refused("LoginTaken", f"The login {login} is already in use - at `$.login`")


def _referenced(command: c.ReferenceUser, at: dict[str, Any]) -> e.UserEvent:
    at |= {
        "login": command.login,
        "firstName": command.firstName,
        "lastName": command.lastName,
        "phone": command.phone,
    }
    match command:
        case c.ReferenceClientAccountManager(job=job):
            return e.ClientAccountManagerReferenced(job=job, **at)
        case c.ReferenceExecutive(job=job, managedAgencies=agencies):
            return e.ExecutiveReferenced(job=job, managedAgencies=agencies, **at)
        case c.ReferencePatrimonyManager(job=job, managedPatrimonies=patrimonies):
            return e.PatrimonyManagerReferenced(job=job, managedPatrimonies=patrimonies, **at)
        case c.ReferencePatrimonyUser(patrimonies=patrimonies, externalLoginService=service):
            return e.PatrimonyUserReferenced(
                patrimonies=patrimonies, externalLoginService=service, **at
            )


def evolve(state: User | None, event: e.UserEvent) -> User:
    """The user after the event."""
    match state, event:
        case _, e.Referenced():
            return _user(event)
        case User(), e.UserDisabled():
            return msgspec.structs.replace(state, disabled=True)
        case User(), e.UserUpdated(firstName=first, lastName=last, job=job, phone=phone):
            return msgspec.structs.replace(
                state, first_name=first, last_name=last, job=job, phone=phone
            )
        case User(), e.LoginUpdated(login=login):
            return msgspec.structs.replace(state, login=login)
    raise ValueError("a user starts with a reference")


def _user(event: e.Referenced) -> User:
    kind, agencies, patrimonies = "clientAccountManager", [], []
    match event:
        case e.ExecutiveReferenced():
            kind, agencies = "executive", event.managedAgencies
        case e.PatrimonyManagerReferenced():
            kind, patrimonies = "patrimonyManager", event.managedPatrimonies
        case e.PatrimonyUserReferenced():
            kind, patrimonies = "patrimonyUser", event.patrimonies
    return User(
        kind=kind,
        login=event.login,
        company=event.companyUid,
        agencies=list(dict.fromkeys(agencies)),
        patrimonies=list(dict.fromkeys(patrimonies)),
        first_name=event.firstName,
        last_name=event.lastName,
        job=event.job,
        phone=event.phone,
    )
