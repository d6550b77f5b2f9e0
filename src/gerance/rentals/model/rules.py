"""The rules of all entity types that are written, by the names of the types."""

from collections.abc import Mapping

from gerance.rentals.billing.rules import RULES as BILLING
from gerance.rentals.declare.rules import Rules
from gerance.rentals.documents.rules import RULES as DOCUMENTS
from gerance.rentals.leasing.rules import RULES as LEASING
from gerance.rentals.maintenance.rules import RULES as MAINTENANCE
from gerance.rentals.property.rules import RULES as PROPERTY
from gerance.rentals.purchasing.rules import RULES as PURCHASING

RULES: Mapping[str, Rules] = {
    each.entity.name: each
    for each in (*PROPERTY, *LEASING, *BILLING, *PURCHASING, *MAINTENANCE, *DOCUMENTS)
}
