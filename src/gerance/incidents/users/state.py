"""The state of a user, as its events make it."""

import msgspec

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
