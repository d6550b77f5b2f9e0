"""The read model `partner_customer`: one row for each lead and customer."""

from collections.abc import Sequence
from typing import Any

import msgspec

from gerance.kernel.log.writer import Projection
from gerance.kernel.wire import DateTime, SafeUUID
from gerance.partners.lifecycle.counters import Span, spans
from gerance.partners.lifecycle.deadlines import next_due
from gerance.partners.lifecycle.state import Customer

_TEXTS = (
    "partner", "client_id", "status", "source", "campaign_code", "lastname", "firstname",
    "client_title", "company_name", "siret", "email", "phone_number1", "phone_number2",
    "address1", "address2", "zipcode", "city", "country", "other_info", "unsubscription_reason",
)  # fmt: skip
_DAYS = (
    "lead_creation_date", "service_starting_date", "billing_starting_date",
    "end_of_contract_date", "due",
)  # fmt: skip
_CASTS = {
    "uid": "uuid",
    **dict.fromkeys(_TEXTS, "text"),
    "typology": "integer",
    **dict.fromkeys(_DAYS, "date"),
    "free_months": "smallint",
    "unit_price": "numeric",
    "options_price": "numeric",
    "nb_of_options": "smallint",
    "vat_rate": "numeric",
    "paid_months": "datemultirange",
    "offered_months": "datemultirange",
    "changed": "timestamptz",
}
_KEEP = (
    f"INSERT INTO partner_customer ({', '.join(_CASTS)})"
    f" SELECT {', '.join(f'r.{name}' for name in _CASTS)} FROM {{rows}} r"
    " ON CONFLICT (uid) DO UPDATE SET"
    f" {', '.join(f'{name} = excluded.{name}' for name in _CASTS if name != 'uid')}"
)


def rows(state: Customer, uid: SafeUUID, changed_at: DateTime) -> list[Projection]:
    """The rows of a customer's state. `changed_at`: when it last changed."""
    paid_spans, offered_spans = spans(state)
    details = msgspec.structs.asdict(state.details)
    details.pop("job_category")
    row: dict[str, Any] = {
        "uid": uid,
        "partner": state.partner,
        "client_id": state.client_id,
        "status": state.status,
        **details,
        "lead_creation_date": state.lead_creation_date,
        "service_starting_date": state.service_starting_date,
        "billing_starting_date": state.billing_starting_date,
        "end_of_contract_date": state.end_of_contract_date,
        "unsubscription_reason": state.unsubscription_reason,
        **msgspec.structs.asdict(state.terms),
        "paid_months": _multirange(paid_spans),
        "offered_months": _multirange(offered_spans),
        "due": next_due(state),
        "changed": changed_at,
    }
    return [Projection(_KEEP, tuple(_CASTS.items()), [row])]


def _multirange(month_spans: Sequence[Span]) -> str:
    """Spans as a multirange of PostgreSQL: `{[2026-04-01,2026-10-01),[2026-12-01,)}`."""
    return "{" + ",".join(f"[{span.first},{span.end or ''})" for span in month_spans) + "}"
