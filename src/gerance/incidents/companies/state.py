"""The state of a company, as its events make it."""

import msgspec

from gerance.incidents.companies.values import BillingType, CompanyType, RawAgency
from gerance.kernel.wire import SafeUUID, Siret


class Company(msgspec.Struct, frozen=True, omit_defaults=True):
    """A company as it is. `billing_type`: a call centre has none, others start as sponsored.

    `agencies`: by uid; the agencies slice changes them.
    """

    company_type: CompanyType
    name: str
    call_center: SafeUUID | None = None
    holding: SafeUUID | None = None
    siret_number: Siret | None = None
    billing_type: BillingType | None = None
    agencies: dict[SafeUUID, RawAgency] = {}
