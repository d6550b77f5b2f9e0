"""The rules of all entity types that are written, and what follows from their rows."""

from collections.abc import Mapping

from gerance.rentals.billing.derivations import BALANCE_AFTER
from gerance.rentals.declare.rules import Rules, Ruleset
from gerance.rentals.leasing.derivations import RENT_AND_BALANCE
from gerance.rentals.model import SLICES
from gerance.rentals.property.derivations import NUMBER_OF_UNITS
from gerance.rentals.property.occupancy import OCCUPANCY_STATUS
from gerance.rentals.purchasing.derivations import SUBTOTAL

RULES: Mapping[str, Rules] = {rules.entity.name: rules for each in SLICES for rules in each.rules}
"""By the names of the types."""

DERIVATIONS = (BALANCE_AFTER, RENT_AND_BALANCE, OCCUPANCY_STATUS, NUMBER_OF_UNITS, SUBTOTAL)
"""In the order in which their owners are locked, so that no two writers wait for each other."""

RULESET = Ruleset(RULES, DERIVATIONS)
"""What every writer of rentals hands to its unit of work."""
