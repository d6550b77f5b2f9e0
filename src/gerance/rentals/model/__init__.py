"""All entity types and functions of the rentals."""

from gerance.rentals.billing.rules import SLICE as BILLING
from gerance.rentals.documents.rules import SLICE as DOCUMENTS
from gerance.rentals.leasing.rules import SLICE as LEASING
from gerance.rentals.maintenance.rules import SLICE as MAINTENANCE
from gerance.rentals.model.webhook_delivery import WEBHOOK_DELIVERY
from gerance.rentals.property.availability import FOR_RENT, UNIT_FOR_RENT
from gerance.rentals.property.rules import SLICE as PROPERTY
from gerance.rentals.purchasing.rules import SLICE as PURCHASING

SLICES = (PROPERTY, LEASING, BILLING, PURCHASING, MAINTENANCE, DOCUMENTS)
"""In the order in which their rows refer to each other."""

TABLES = tuple(entity for each in SLICES for entity in each.types)
"""The types that have a table, each after those that its rows refer to."""

TYPES = (*TABLES, UNIT_FOR_RENT, WEBHOOK_DELIVERY)

FUNCTIONS = (FOR_RENT,)
