"""All entity types and functions of the rentals."""

from gerance.rentals.billing.entity import TYPES as BILLING
from gerance.rentals.documents.entity import TYPES as DOCUMENTS
from gerance.rentals.leasing.entity import TYPES as LEASING
from gerance.rentals.maintenance.entity import TYPES as MAINTENANCE
from gerance.rentals.model.webhook_delivery import WEBHOOK_DELIVERY
from gerance.rentals.property.availability import FOR_RENT, UNIT_FOR_RENT
from gerance.rentals.property.entity import TYPES as PROPERTY
from gerance.rentals.purchasing.entity import TYPES as PURCHASING

TABLES = (*PROPERTY, *LEASING, *BILLING, *PURCHASING, *MAINTENANCE, *DOCUMENTS)
"""The types that have a table, each after those that its rows refer to."""

TYPES = (*TABLES, UNIT_FOR_RENT, WEBHOOK_DELIVERY)

FUNCTIONS = (FOR_RENT,)
