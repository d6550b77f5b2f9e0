"""The events of provider companies, as on the wire and in the log."""

import msgspec

from gerance.incidents.messages import Event
from gerance.kernel.wire import Siret


class ProviderCompanyReferenced(Event):
    """A provider company was added."""

    name: str
    siretNumber: Siret


class ProviderCompanyEventResultView(msgspec.Struct, frozen=True):
    events: list[ProviderCompanyReferenced]
