"""The parameters of a webhook message (contract `webhook`), in their order."""

from datetime import date
from urllib.parse import urlencode

from gerance.kernel.webhooks.flavours import Message
from gerance.partners.lifecycle.counters import counters
from gerance.partners.lifecycle.state import Customer

EVENT_TYPES: dict[str, int] = {
    "LeadReceived": 0,
    "ServiceActivated": 1,
    "BillingStarted": 2,
    "ContractTerminated": 3,
    "BillingOffered": 4,
}
"""The event_type of each event that is delivered. The other events (changed details, planned
terminations, reported payments) fit none of the five types; the next message includes their
changes."""

PARAMETERS = (
    "event_type", "lead_creation_date", "service_starting_date", "billing_starting_date",
    "end_of_contract_date", "unsubscription_reason", "nb_of_paid_months", "nb_of_offered_months",
    "nb_of_options", "client_id", "lastname", "firstname", "client_title", "company_name", "siret",
    "email", "phone_number1", "phone_number2", "address1", "address2", "zipcode", "city", "country",
)  # fmt: skip

PING = "ping"
"""The event_type of a test message. Its other parameters are empty."""

_OF_DETAILS = PARAMETERS[PARAMETERS.index("lastname") :]
_FORM = "application/x-www-form-urlencoded"


def message_for(event_type: str, day: date, customer: Customer) -> Message:
    """The message for an event that happened on `day`, with the state of the client after it.

    Months are counted up to that day.
    """
    months = counters(customer, day)
    values = {
        "event_type": EVENT_TYPES[event_type],
        "lead_creation_date": customer.lead_creation_date,
        "service_starting_date": customer.service_starting_date,
        "billing_starting_date": customer.billing_starting_date,
        "end_of_contract_date": customer.end_of_contract_date,
        "unsubscription_reason": customer.unsubscription_reason,
        **months._asdict(),
        "client_id": customer.client_id,
        **{name: getattr(customer.details, name) for name in _OF_DETAILS},
    }
    return _form(values)


def ping() -> Message:
    """The test message."""
    return _form({"event_type": PING})


def _form(values: dict[str, object]) -> Message:
    """All parameters as a form; missing values are empty. `str` of a day is YYYY-MM-DD."""
    pairs = ((name, values.get(name)) for name in PARAMETERS)
    text = urlencode([(name, "" if value is None else str(value)) for name, value in pairs])
    return Message(text.encode("ascii"), _FORM)
