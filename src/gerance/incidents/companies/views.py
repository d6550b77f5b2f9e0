"""The read tables `company` and `agency`, both kept from a company's state.

A call centre's row has itself as `call_center`, so that its users reach it as what it serves.
"""

from collections.abc import Callable, Iterable

from gerance.incidents.companies.state import Company
from gerance.incidents.companies.values import AgencyAddress, BillingType, CompanyType, RawAgency
from gerance.incidents.editions import Edition
from gerance.incidents.lists import Listing
from gerance.incidents.messages import Link
from gerance.incidents.projections import upsert_row, upsert_rows
from gerance.incidents.rights import Columns, Condition, reach
from gerance.incidents.values import Value
from gerance.kernel.identity.principal import Principal
from gerance.kernel.log.writer import Projection
from gerance.kernel.wire import SafeUUID, Siret, encode

REACH = Columns(company="c.uid", call_center="c.call_center", holding="c.holding")

_COMPANY_2017 = (
    "'uid', c.uid, 'label', c.name, 'isActive', c.active, 'holding', CASE WHEN h.uid IS NOT NULL"
    " THEN json_build_object('uid', h.uid, 'label', h.name) END, 'companyType', c.company_type"
)
_COMPANY_2020 = (
    f"{_COMPANY_2017}, 'name', c.name, 'siretNumber', c.siret_number, 'billingType', c.billing_type"
)


def companies(edition: Edition) -> Listing:
    """Companies by name, as CompanyQueryView. In 2017 they have a label and no name."""
    members = _COMPANY_2017 if edition == "2017" else _COMPANY_2020
    return Listing(
        table="company c",
        uid="c.uid",
        sort="fold(c.name)",
        joins="LEFT JOIN company h ON h.uid = c.holding",
        element=f"json_build_object({members})",
    )


_COMPANY = {
    "uid": "uuid",
    "company_type": "text",
    "name": "text",
    "siret_number": "text",
    "call_center": "uuid",
    "holding": "uuid",
    "billing_type": "text",
}

_AGENCY = {"uid": "uuid", "company": "uuid", "name": "text", "document": "text"}


class HoldingQueryView(Value):
    uid: SafeUUID
    label: str


class CompanyQueryView(Value):
    """`name`: the same as `label`; in 2017 there is no `name`, `siretNumber` or `billingType`."""

    uid: SafeUUID
    label: str
    isActive: bool
    companyType: CompanyType
    name: str | None = None
    holding: HoldingQueryView | None = None
    siretNumber: Siret | None = None
    billingType: BillingType | None = None


class CompanyResultView(Value, rename={"links": "_links"}):
    result: list[CompanyQueryView]
    links: list[Link]


class AgencyQueryView(Value):
    """`ref`: the name its company calls it by elsewhere, else its own; `company`: not in 2017."""

    uid: SafeUUID
    label: str
    active: bool
    ref: str
    phones: list[str]
    emails: list[str]
    company: HoldingQueryView | None = None
    address: AgencyAddress | None = None
    fax: str | None = None


class AgencyResultView(Value, rename={"links": "_links"}):
    result: list[AgencyQueryView]
    links: list[Link]


class _AgencyDocument(Value):
    """What the table stores of an agency, besides its columns."""

    ref: str
    phones: list[str]
    emails: list[str]
    address: AgencyAddress | None = None
    fax: str | None = None


def company_reach(principal: Principal, uid: SafeUUID | None) -> Condition:
    """Whether there is a company `uid` that the user reaches."""
    mine = reach(principal, REACH)
    return Condition(
        f"EXISTS (SELECT FROM company c WHERE c.uid = %(parent)s::uuid AND {mine.sql})",
        {**mine.params, "parent": uid},
    )


def below_company(
    company: str, reach_of: Callable[[Principal], Condition]
) -> Callable[[Principal], Condition]:
    """The rows that a user reaches by `reach_of` and whose company (in SQL) it reaches, too."""

    def condition(principal: Principal) -> Condition:
        mine, above = reach_of(principal), reach(principal, REACH)
        exists = f"EXISTS (SELECT FROM company c WHERE c.uid = {company} AND {above.sql})"
        return Condition(f"{mine.sql} AND {exists}", {**mine.params, **above.params})

    return condition


def company_row(state: Company, uid: SafeUUID) -> Projection:
    """The company's own row."""
    row = {"uid": uid, **{name: getattr(state, name) for name in _COMPANY if name != "uid"}}
    return upsert_row("company", row, _COMPANY)


def agency_rows(state: Company, uid: SafeUUID, agencies: Iterable[SafeUUID]) -> Projection:
    """The rows of these agencies of the company."""
    return upsert_rows(
        "agency",
        [
            {
                "uid": agency_uid,
                "company": uid,
                "name": agency.name,
                "document": encode(_document(agency)),
            }
            for agency_uid, agency in ((each, state.agencies[each]) for each in agencies)
        ],
        _AGENCY,
        owner="company",
    )


def rows(state: Company, uid: SafeUUID) -> list[Projection]:
    """All the rows that the company's state makes."""
    return [company_row(state, uid), agency_rows(state, uid, state.agencies)]


def _document(agency: RawAgency) -> _AgencyDocument:
    return _AgencyDocument(
        ref=agency.extName or agency.name,
        address=agency.address.rational if agency.address else None,
        phones=agency.phones,
        fax=agency.fax,
        emails=agency.emails,
    )
