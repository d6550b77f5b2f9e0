"""What happened to a provider company."""

import msgspec

from gerance.incidents.messages import Event
from gerance.kernel.wire import Siret


class ProviderCompanyReferenced(Event):
    name: str
    siretNumber: Siret


class ProviderCompanyEventResultView(msgspec.Struct, frozen=True):
    events: list[ProviderCompanyReferenced]
