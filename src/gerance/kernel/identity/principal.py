"""The one who asks, once known."""

import msgspec


class Principal(msgspec.Struct, frozen=True, kw_only=True):
    """A logged-in account: its kind and what it is tied to.

    `company`: a call centre's user has its call centre here, others their client company.
    """

    uid: str
    kind: str
    login: str
    company: str | None = None
    agencies: tuple[str, ...] = ()
    patrimonies: tuple[str, ...] = ()
