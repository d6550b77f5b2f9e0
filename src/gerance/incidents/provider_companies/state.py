"""The state of a provider company, as its events make it."""

import msgspec

from gerance.kernel.wire import Siret


class ProviderCompany(msgspec.Struct, frozen=True):
    name: str
    siret_number: Siret
