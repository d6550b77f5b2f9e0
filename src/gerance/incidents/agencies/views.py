"""The agencies of a company, as a list. The rows are kept from the company's state."""

from gerance.incidents.lists import Listing
from gerance.incidents.rights import Columns

AGENCIES = Listing(table="agency a", uid="a.uid", sort="fold(a.name)", element="a.document::json")
"""Agencies by name, as AgencyQueryView."""

REACH = Columns(
    company="a.company",
    agencies="ARRAY[a.uid]",
    patrimonies="ARRAY(SELECT p.uid FROM patrimony p WHERE p.agencies @> ARRAY[a.uid])",
)
