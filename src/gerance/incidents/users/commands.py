"""The commands on users, as on the wire."""

from typing import Annotated, ClassVar

from msgspec import Meta

from gerance.incidents.messages import MOST_NAMED, Command
from gerance.incidents.rights import MANAGERS
from gerance.incidents.values import NonEmptyString
from gerance.kernel.wire import SafeUUID

Login = Annotated[str, Meta(min_length=1, max_length=320)]
SafeUUIDs = Annotated[list[SafeUUID], Meta(min_length=1, max_length=MOST_NAMED)]


class UserReference(Command):
    """A new user, who has no password yet. Without `aggregateUid` the server chooses its uid."""

    senders: ClassVar = MANAGERS

    login: Login
    lastName: str
    aggregateUid: SafeUUID | None = None
    phone: str | None = None


class StaffReference(UserReference, kw_only=True):
    """One who works for the company."""

    companyUid: SafeUUID
    firstName: str
    job: str | None = None


class ReferenceClientAccountManager(StaffReference, kw_only=True):
    """Add a manager of a client account."""


class ReferenceExecutive(StaffReference, kw_only=True):
    """Add an executive of agencies."""

    managedAgencies: SafeUUIDs


class ReferencePatrimonyManager(StaffReference, kw_only=True):
    """Add a manager of patrimonies."""

    managedPatrimonies: SafeUUIDs


class ReferencePatrimonyUser(UserReference, kw_only=True):
    """Add a resident of patrimonies, which all belong to one company."""

    patrimonies: SafeUUIDs
    firstName: NonEmptyString | None = None
    externalLoginService: str | None = None


ReferenceUser = (
    ReferenceClientAccountManager
    | ReferenceExecutive
    | ReferencePatrimonyManager
    | ReferencePatrimonyUser
)


class DisableUser(Command):
    """Disable a user, who can no longer log in. `aggregateUid`: if given, the uid in the path."""

    senders: ClassVar = MANAGERS

    aggregateUid: SafeUUID | None = None


class UpdateUser(Command):
    """Replace the user's name, job and telephone number. Without `job` or `phone` it has none."""

    senders: ClassVar = MANAGERS

    firstName: str
    lastName: str
    job: str | None = None
    phone: str | None = None


class UpdateLogin(Command):
    """Change the login of a user."""

    senders: ClassVar = MANAGERS
    login: Login


IncrementUser = DisableUser | UpdateUser | UpdateLogin
