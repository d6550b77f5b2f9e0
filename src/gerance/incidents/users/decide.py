"""A user is referenced once; logins are told apart by more than accents and case."""

from typing import Any

from gerance.incidents.messages import Stamp, heading
from gerance.incidents.users import commands as c
from gerance.incidents.users import events as e
from gerance.incidents.users.state import User
from gerance.kernel.errors import Rejection
from gerance.kernel.wire import SafeUUID


def decide(
    state: User | None,
    command: c.ReferenceUser | c.IncrementUser,
    stamp: Stamp,
    *,
    company: SafeUUID | None = None,
    login_in_use: bool = False,
) -> list[e.UserEvent]:
    """The events of a command.

    `company`: what a referenced user belongs to; `login_in_use`: another has the login. Raises
    Rejection: the user exists, or does not, or the login is taken.
    """
    at = heading(command, stamp)
    if login_in_use and isinstance(command, c.UserReference | c.UpdateLogin):
        raise login_taken_by_another(command.login)
    if isinstance(command, c.UserReference):
        if state is not None:
            raise Rejection(
                "ImpossibleToReferenceExistingUser", f"The user {stamp.aggregate} already exists."
            )
        assert company is not None
        return [_referenced(command, {**at, "companyUid": company})]
    if state is None:
        raise unknown(stamp.aggregate)
    match command:
        case c.DisableUser():
            return [e.UserDisabled(**at)]
        case c.UpdateUser(firstName=first, lastName=last, job=job, phone=phone):
            return [e.UserUpdated(firstName=first, lastName=last, job=job, phone=phone, **at)]
        case c.UpdateLogin(login=login):
            return [e.LoginUpdated(login=login, **at)]


def unknown(uid: str) -> Rejection:
    """The rejection of a command on a user that does not exist."""
    return Rejection("ImpossibleToPerformCommandOnNonExistingUser", f"There is no user {uid}.")


def login_taken_by_another(login: str) -> Rejection:
    """The rejection of a login that another user has."""
    return Rejection("LoginTaken", f"The login {login} is already in use - at `$.login`")


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
