"""The events of patrimonies, as on the wire and in the log."""

from typing import Annotated

import msgspec
from msgspec import Meta

from gerance.incidents.messages import Event
from gerance.kernel.wire import SafeUUID


class PatrimonyReferenced(Event):
    """A patrimony was added. `companyUid`: the owner of its agencies."""

    ref: str
    agencies: Annotated[list[SafeUUID], Meta(min_length=1)]
    companyUid: SafeUUID
    label: str | None = None


class PatrimonyUpdated(Event):
    """The patrimony's reference, label and comment were replaced."""

    ref: str
    comment: str
    label: str | None = None


class PatrimonyAssociatedInAgency(Event):
    """One more agency is in charge of the patrimony."""

    agencyUid: SafeUUID


class PatrimonyDissociatedFromAgency(Event):
    """An agency is no longer in charge of the patrimony."""

    agencyUid: SafeUUID


PatrimonyEvent = (
    PatrimonyReferenced
    | PatrimonyUpdated
    | PatrimonyAssociatedInAgency
    | PatrimonyDissociatedFromAgency
)


class PatrimonyEventResultView(msgspec.Struct, frozen=True):
    events: list[PatrimonyEvent]
