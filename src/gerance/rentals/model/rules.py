"""The rules of all entity types that are written, and what follows from their rows."""

from collections.abc import Mapping

from gerance.rentals.billing.derivations import BALANCE_AFTER
from gerance.rentals.billing.rules import RULES as BILLING
from gerance.rentals.declare.rules import Rules, Ruleset
from gerance.rentals.documents.rules import RULES as DOCUMENTS
from gerance.rentals.leasing.derivations import RENT_AND_BALANCE
from gerance.rentals.leasing.rules import RULES as LEASING
from gerance.rentals.maintenance.rules import RULES as MAINTENANCE
from gerance.rentals.property.derivations import NUMBER_OF_UNITS, OCCUPANCY_STATUS
from gerance.rentals.property.rules import RULES as PROPERTY
from gerance.rentals.purchasing.derivations import SUBTOTAL
from gerance.rentals.purchasing.rules import RULES as PURCHASING

RULES: Mapping[str, Rules] = {
    each.entity.name: each
    for each in (*PROPERTY, *LEASING, *BILLING, *PURCHASING, *MAINTENANCE, *DOCUMENTS)
}
"""By the names of the types."""

DERIVATIONS = (BALANCE_AFTER, RENT_AND_BALANCE, OCCUPANCY_STATUS, NUMBER_OF_UNITS, SUBTOTAL)
"""In the order in which their owners are locked, so that no two writers wait for each other."""

RULESET = Ruleset(RULES, DERIVATIONS)
"""What every writer of rentals hands to its unit of work."""
