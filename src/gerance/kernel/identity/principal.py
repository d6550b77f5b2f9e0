"""The one who asks, once known."""

import msgspec


class Principal(msgspec.Struct, frozen=True, kw_only=True):
    """A logged-in account: its kind and what it is tied to.

    `company`: a call centre's user has its call centre here, others their client company;
    `edition`: of the incident API, whose shapes its answers have; `hidden_types`: event types and
    kinds of users that its client cannot read.
    """

    uid: str
    kind: str
    login: str
    company: str | None = None
    agencies: tuple[str, ...] = ()
    patrimonies: tuple[str, ...] = ()
    edition: str = "2020"
    hidden_types: tuple[str, ...] = ()
