"""The events of patrimonies, as on the wire and in the log."""

from typing import Annotated

import msgspec
from msgspec import Meta

from gerance.incidents.messages import Event
from gerance.incidents.patrimonies.values import ValidAddress
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


class ComplementaryAddressAddedToPatrimony(Event):
    """The patrimony has one more address beside those of its lots."""

    complementaryAddress: ValidAddress


class ComplementaryAddressRemovedFromPatrimony(Event):
    """An address beside those of its lots was taken off the patrimony."""

    addressUid: SafeUUID


PatrimonyEvent = (
    PatrimonyReferenced
    | PatrimonyUpdated
    | PatrimonyAssociatedInAgency
    | PatrimonyDissociatedFromAgency
    | ComplementaryAddressAddedToPatrimony
    | ComplementaryAddressRemovedFromPatrimony
)


class PatrimonyEventResultView(msgspec.Struct, frozen=True):
    events: list[PatrimonyEvent]
