"""How an event changes a user. Pure: the same events always make the same state."""

import msgspec

from gerance.incidents.users import events as e
from gerance.incidents.users.state import User


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
