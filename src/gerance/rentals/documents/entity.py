"""Documents of tenants: what is known of each, and its content."""

from gerance.kernel.odata.edm import Edm
from gerance.rentals.declare.entity import (
    PLACE,
    choice,
    column_property,
    entity,
    identifier,
    integer,
    moment,
    one,
    sorted_text,
    text,
)

DOCUMENT_KINDS = {"L": "lease", "R": "renewal notice", "A": "late notice", "I": "receipt"}

DOCUMENT = entity(
    "Document",
    "Documents",
    "A paper of a tenant; its content is answered by Documents(1)/$value.",
    identifier("the document"),
    integer("TenantId", "The Id of the tenant.", required=True),
    choice("Kind", "What it is.", DOCUMENT_KINDS, required=True),
    sorted_text("Title", 120, "Its title.", required=True),
    moment("CreatedOn", "When it was made, in UTC.", nullable=False, computed=True),
    text("ContentType", 100, "The media type of its content.", nullable=False, computed=True),
    column_property(
        "Size", Edm.INT64, "The size of its content in bytes.", nullable=False, computed=True
    ),
    media=True,
    scope=PLACE,
    navigations=(one("Tenant", "Tenant", "TenantId", "The tenant.", "Documents"),),
)

TYPES = (DOCUMENT,)
