"""What happened to a user."""

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
    pass


class ExecutiveReferenced(Referenced, kw_only=True):
    managedAgencies: list[SafeUUID]


class PatrimonyManagerReferenced(Referenced, kw_only=True):
    managedPatrimonies: list[SafeUUID]


class PatrimonyUserReferenced(Referenced, kw_only=True):
    patrimonies: list[SafeUUID]
    externalLoginService: str | None = None


class UserDisabled(Event):
    pass


class UserUpdated(Event):
    firstName: str
    lastName: str
    job: str | None = None
    phone: str | None = None


class LoginUpdated(Event):
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
