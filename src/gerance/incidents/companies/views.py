"""The read tables `company` and `agency`, both kept from a company's state.

A call centre's row has itself as `call_center`, so that its users reach it as what it serves.
"""

from collections.abc import Callable, Iterable

from gerance.incidents.companies.state import Company
from gerance.incidents.companies.values import AgencyAddress, BillingType, CompanyType, RawAgency
from gerance.incidents.lists import Listing
from gerance.incidents.projections import upsert_row, upsert_rows
from gerance.incidents.rights import Columns, Condition, reach
from gerance.incidents.values import ClientCompanyAbstract, Value
from gerance.kernel.identity.principal import Principal
from gerance.kernel.log.writer import Projection
from gerance.kernel.wire import SafeUUID, Siret, encode

REACH = Columns(company="c.uid", call_center="c.call_center", holding="c.holding")

COMPANIES = Listing(
    table="company c",
    uid="c.uid",
    sort="fold(c.name)",
    joins="LEFT JOIN company h ON h.uid = c.holding",
    element=(
        "json_build_object('uid', c.uid, 'name', c.name, 'label', c.name, 'isActive', c.active,"
        " 'holding', CASE WHEN h.uid IS NOT NULL"
        " THEN json_build_object('uid', h.uid, 'label', h.name) END,"
        " 'siretNumber', c.siret_number, 'billingType', c.billing_type,"
        " 'companyType', c.company_type)"
    ),
)
"""Companies by name, as CompanyQueryView."""

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
    uid: SafeUUID
    name: str
    label: str
    isActive: bool
    companyType: CompanyType
    holding: HoldingQueryView | None = None
    siretNumber: Siret | None = None
    billingType: BillingType | None = None


class AgencyQueryView(Value):
    """`ref`: the name its company calls it by elsewhere, else its own."""

    uid: SafeUUID
    label: str
    ref: str
    company: ClientCompanyAbstract
    phones: list[str]
    emails: list[str]
    address: AgencyAddress | None = None
    fax: str | None = None
    sda: str | None = None
    group: str | None = None


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
    company = ClientCompanyAbstract(uid, state.name, state.holding)
    return upsert_rows(
        "agency",
        [
            {
                "uid": agency_uid,
                "company": uid,
                "name": agency.name,
                "document": encode(_view(agency_uid, agency, company)),
            }
            for agency_uid, agency in ((each, state.agencies[each]) for each in agencies)
        ],
        _AGENCY,
        owner="company",
    )


def rows(state: Company, uid: SafeUUID) -> list[Projection]:
    """All the rows that the company's state makes."""
    return [company_row(state, uid), agency_rows(state, uid, state.agencies)]


def _view(uid: SafeUUID, agency: RawAgency, company: ClientCompanyAbstract) -> AgencyQueryView:
    return AgencyQueryView(
        uid=uid,
        label=agency.name,
        ref=agency.extName or agency.name,
        company=company,
        address=agency.address.rational if agency.address else None,
        phones=agency.phones,
        fax=agency.fax,
        emails=agency.emails,
    )
