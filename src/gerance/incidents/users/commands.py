"""What may be asked of users, as on the wire."""

from typing import Annotated, ClassVar

from msgspec import Meta

from gerance.incidents.messages import MOST_NAMED, Command
from gerance.incidents.rights import MANAGERS
from gerance.incidents.values import NonEmptyString
from gerance.kernel.wire import SafeUUID

Login = Annotated[str, Meta(min_length=1, max_length=320)]
SafeUUIDs = Annotated[list[SafeUUID], Meta(min_length=1, max_length=MOST_NAMED)]


class Reference(Command):
    """A new user, who has no password yet. Without `aggregateUid` the server chooses its uid."""

    senders: ClassVar = MANAGERS

    login: Login
    lastName: str
    aggregateUid: SafeUUID | None = None
    phone: str | None = None


class StaffReference(Reference, kw_only=True):
    """One who works for the company."""

    companyUid: SafeUUID
    firstName: str
    job: str | None = None


class ReferenceClientAccountManager(StaffReference, kw_only=True):
    pass


class ReferenceExecutive(StaffReference, kw_only=True):
    managedAgencies: SafeUUIDs


class ReferencePatrimonyManager(StaffReference, kw_only=True):
    managedPatrimonies: SafeUUIDs


class ReferencePatrimonyUser(Reference, kw_only=True):
    """One who lives in the patrimonies, which are all of one company."""

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
    """The user can no longer log in. `aggregateUid`: the same as in the path, if at all."""

    senders: ClassVar = MANAGERS

    aggregateUid: SafeUUID | None = None


class UpdateUser(Command):
    """The user is from now on as described: without `job` or `phone` it has none."""

    senders: ClassVar = MANAGERS

    firstName: str
    lastName: str
    job: str | None = None
    phone: str | None = None


class UpdateLogin(Command):
    senders: ClassVar = MANAGERS
    login: Login


IncrementUser = DisableUser | UpdateUser | UpdateLogin
