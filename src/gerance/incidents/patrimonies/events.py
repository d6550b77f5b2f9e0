"""What happened to a patrimony."""

from typing import Annotated

import msgspec
from msgspec import Meta

from gerance.incidents.messages import Event
from gerance.kernel.wire import SafeUUID


class PatrimonyReferenced(Event):
    """`companyUid`: whose agencies these are."""

    ref: str
    agencies: Annotated[list[SafeUUID], Meta(min_length=1)]
    companyUid: SafeUUID
    label: str | None = None


class PatrimonyUpdated(Event):
    ref: str
    comment: str
    label: str | None = None


class PatrimonyAssociatedInAgency(Event):
    agencyUid: SafeUUID


class PatrimonyDissociatedFromAgency(Event):
    agencyUid: SafeUUID


PatrimonyEvent = (
    PatrimonyReferenced
    | PatrimonyUpdated
    | PatrimonyAssociatedInAgency
    | PatrimonyDissociatedFromAgency
)


class PatrimonyEventResultView(msgspec.Struct, frozen=True):
    events: list[PatrimonyEvent]
