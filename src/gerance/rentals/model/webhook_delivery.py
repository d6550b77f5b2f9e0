"""The log of calls to an integrator's addresses, through the query language of the rentals."""

from typing import Any

from gerance.kernel.odata.edm import Edm, EntityType, Property

OUTCOMES = {
    "delivered": "answered 2xx",
    "failed": "to be tried again",
    "dead": "failed, and not tried again until it is replayed",
}


def _property(name: str, kind: Edm, column: str, description: str, **more: Any) -> Property:
    return Property(
        name=name, type=kind, column=column, description=description, computed=True, **more
    )


WEBHOOK_DELIVERY = EntityType(
    name="WebhookDelivery",
    set_name="WebhookDeliveries",
    source="odata.webhook_delivery",
    description="A call to one of your addresses. Each integrator sees its own.",
    properties=(
        _property("Id", Edm.INT64, "id", "Later calls have higher numbers.", nullable=False),
        _property(
            "EndpointUid", Edm.GUID, "endpoint_uid", "The uid of the address.", nullable=False
        ),
        _property("Url", Edm.STRING, "url", "Where the call went.", nullable=False),
        _property("At", Edm.DATE_TIME_OFFSET, "at", "When it was made, in UTC.", nullable=False),
        _property(
            "Attempt",
            Edm.INT32,
            "attempt",
            "Which call for this change it was, from 1.",
            nullable=False,
        ),
        _property(
            "Outcome", Edm.STRING, "outcome", "What came of it.", nullable=False, values=OUTCOMES
        ),
        _property("HttpStatus", Edm.INT32, "http_status", "The status of the answer, if any came."),
        _property("Failure", Edm.STRING, "failure", "The kind of failure, null without one."),
        _property("Detail", Edm.STRING, "detail", "The same in a line for people.", nullable=False),
        _property(
            "DurationMs", Edm.DOUBLE, "duration_ms", "Milliseconds that it took.", nullable=False
        ),
        _property(
            "Position", Edm.INT64, "position", "The position of the change, null for a ping."
        ),
        _property("Entity", Edm.STRING, "entity", "The entity that changed, null for a ping."),
        _property("EntityId", Edm.INT32, "entity_id", "Its Id, null for a ping."),
        _property("EventType", Edm.STRING, "event_type", "What happened, null for a ping."),
        _property("MessageId", Edm.STRING, "message_id", "The header webhook-id.", nullable=False),
        _property("Request", Edm.STRING, "request", "The beginning of the body.", nullable=False),
        _property("Answer", Edm.STRING, "answer", "The beginning of the answer.", nullable=False),
    ),
    versioned=False,
    owner_column="owner",
)
