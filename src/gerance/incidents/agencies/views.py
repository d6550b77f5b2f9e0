"""The agencies of a company, as a list. The rows are kept from the company's state."""

from gerance.incidents.editions import Edition
from gerance.incidents.lists import Listing
from gerance.incidents.rights import Columns

_COMPANY = ", 'company', json_build_object('uid', c.uid, 'label', c.name)"


def agencies(edition: Edition) -> Listing:
    """Agencies by name, as AgencyQueryView. Published clients read the company's label."""
    company = "" if edition == "2017" else _COMPANY
    members = ("ref", "address", "phones", "fax", "emails")
    document = ", ".join(f"'{name}', a.document::json -> '{name}'" for name in members)
    return Listing(
        table="agency a",
        uid="a.uid",
        sort="fold(a.name)",
        joins="JOIN company c ON c.uid = a.company",
        element=(
            "json_build_object('uid', a.uid, 'label', a.name, 'active', a.active,"
            f" {document}{company})"
        ),
    )


REACH = Columns(
    company="a.company",
    agencies="ARRAY[a.uid]",
    patrimonies="ARRAY(SELECT p.uid FROM patrimony p WHERE p.agencies @> ARRAY[a.uid])",
)
