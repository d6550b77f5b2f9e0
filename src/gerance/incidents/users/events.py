"""The events of users, as on the wire and in the log."""

import msgspec

from gerance.incidents.messages import Event
from gerance.kernel.wire import SafeUUID


class Referenced(Event):
    """A user was made known."""

    login: str
    companyUid: SafeUUID
    lastName: str
    firstName: str | None = None
    job: str | None = None
    phone: str | None = None


class ClientAccountManagerReferenced(Referenced, kw_only=True):
    """A manager of a client account was added."""


class ExecutiveReferenced(Referenced, kw_only=True):
    """An executive of agencies was added."""

    managedAgencies: list[SafeUUID]


class PatrimonyManagerReferenced(Referenced, kw_only=True):
    """A manager of patrimonies was added."""

    managedPatrimonies: list[SafeUUID]


class PatrimonyUserReferenced(Referenced, kw_only=True):
    """A resident of patrimonies was added."""

    patrimonies: list[SafeUUID]
    externalLoginService: str | None = None


class UserDisabled(Event):
    """The user can no longer log in."""


class UserUpdated(Event):
    """The user's name, job and telephone number were replaced."""

    firstName: str
    lastName: str
    job: str | None = None
    phone: str | None = None


class LoginUpdated(Event):
    """The user has another login."""

    login: str


UserEvent = (
    ClientAccountManagerReferenced
    | ExecutiveReferenced
    | PatrimonyManagerReferenced
    | PatrimonyUserReferenced
    | UserDisabled
    | UserUpdated
    | LoginUpdated
)


class UserEventResultView(msgspec.Struct, frozen=True):
    events: list[UserEvent]
