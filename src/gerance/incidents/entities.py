"""What tickets refer to: every slice's endpoints, and how its rows are made from its states."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from gerance.incidents.agencies import events as agency_events
from gerance.incidents.agencies import evolve as agency
from gerance.incidents.agencies import routes as agencies
from gerance.incidents.companies import events as company_events
from gerance.incidents.companies import evolve as company
from gerance.incidents.companies import routes as companies
from gerance.incidents.companies import views as company_views
from gerance.incidents.companies.state import Company
from gerance.incidents.lots import events as lot_events
from gerance.incidents.lots import evolve as lot
from gerance.incidents.lots import routes as lots
from gerance.incidents.lots import views as lot_views
from gerance.incidents.lots.state import Lot
from gerance.incidents.operators import events as operator_events
from gerance.incidents.operators import evolve as operator
from gerance.incidents.operators import routes as operators
from gerance.incidents.operators import views as operator_views
from gerance.incidents.operators.state import Operator
from gerance.incidents.patrimonies import events as patrimony_events
from gerance.incidents.patrimonies import evolve as patrimony
from gerance.incidents.patrimonies import routes as patrimonies
from gerance.incidents.patrimonies import views as patrimony_views
from gerance.incidents.patrimonies.state import Patrimony
from gerance.incidents.patrimony_contacts import events as patrimony_contact_events
from gerance.incidents.patrimony_contacts import evolve as patrimony_contact
from gerance.incidents.patrimony_contacts import routes as patrimony_contacts
from gerance.incidents.patrimony_contacts import views as patrimony_contact_views
from gerance.incidents.patrimony_contacts.state import PatrimonyContact
from gerance.incidents.provider_companies import events as provider_company_events
from gerance.incidents.provider_companies import evolve as provider_company
from gerance.incidents.provider_companies import routes as provider_companies
from gerance.incidents.provider_companies import views as provider_company_views
from gerance.incidents.provider_companies.state import ProviderCompany
from gerance.incidents.provider_contacts import events as provider_contact_events
from gerance.incidents.provider_contacts import evolve as provider_contact
from gerance.incidents.provider_contacts import routes as provider_contacts
from gerance.incidents.provider_contacts import views as provider_contact_views
from gerance.incidents.provider_contacts.state import ProviderContact
from gerance.incidents.users import events as user_events
from gerance.incidents.users import evolve as user
from gerance.incidents.users import routes as users
from gerance.incidents.users import views as user_views
from gerance.incidents.users.state import User
from gerance.kernel.http.endpoint import Endpoint
from gerance.kernel.log.writer import Projection
from gerance.kernel.wire import SafeUUID, decode, encode, tags

ENDPOINTS: tuple[Endpoint, ...] = (
    *companies.ENDPOINTS,
    *agencies.ENDPOINTS,
    *users.ENDPOINTS,
    *operators.ENDPOINTS,
    *patrimonies.ENDPOINTS,
    *lots.ENDPOINTS,
    *patrimony_contacts.ENDPOINTS,
    *provider_companies.ENDPOINTS,
    *provider_contacts.ENDPOINTS,
)


class _Category(NamedTuple):
    """How an aggregate's events make its state, and its state the rows of read tables."""

    events: Any
    evolve: Callable[[Any, Any], Any]
    state: type
    rows: Callable[[Any, SafeUUID], list[Projection]]


def _evolve_company(state: Company | None, event: Any) -> Company:
    if isinstance(event, agency_events.AgencyEvent):
        return agency.evolve(state, event)
    return company.evolve(state, event)


_CATEGORIES: Mapping[str, _Category] = {
    companies.CATEGORY: _Category(
        company_events.CompanyEvent | agency_events.AgencyEvent,
        _evolve_company,
        Company,
        company_views.rows,
    ),
    users.CATEGORY: _Category(user_events.UserEvent, user.evolve, User, user_views.rows),
    operators.CATEGORY: _Category(
        operator_events.OperatorReferenced,
        operator.evolve,
        Operator,
        operator_views.rows,
    ),
    patrimonies.CATEGORY: _Category(
        patrimony_events.PatrimonyEvent,
        patrimony.evolve,
        Patrimony,
        patrimony_views.rows,
    ),
    lots.CATEGORY: _Category(lot_events.LotEvent, lot.evolve, Lot, lot_views.rows_anew),
    patrimony_contacts.CATEGORY: _Category(
        patrimony_contact_events.PatrimonyContactEvent,
        patrimony_contact.evolve,
        PatrimonyContact,
        patrimony_contact_views.rows,
    ),
    provider_companies.CATEGORY: _Category(
        provider_company_events.ProviderCompanyReferenced,
        provider_company.evolve,
        ProviderCompany,
        provider_company_views.rows,
    ),
    provider_contacts.CATEGORY: _Category(
        provider_contact_events.ProviderContactEvent,
        provider_contact.evolve,
        ProviderContact,
        provider_contact_views.rows,
    ),
}

CATEGORIES: tuple[str, ...] = tuple(_CATEGORIES)
"""The categories of streams that `replay` and `rows` know."""


def event_types_of() -> Mapping[str, frozenset[str]]:
    """The types of the events of each of these categories."""
    return {name: tags(known.events) for name, known in _CATEGORIES.items()}


def event_types() -> frozenset[str]:
    """The types of the events of these categories."""
    return frozenset().union(*event_types_of().values())


def replay(category: str, events: Iterable[bytes | str], state: str | None) -> bytes:
    """The state that an aggregate's events make, as the table `stream` has it.

    `events`: their JSON, from the first on; `state`: what the first found, None when it was the
    aggregate's beginning.
    """
    known = _CATEGORIES[category]
    present = decode(known.state, state) if state is not None else None
    for data in events:
        present = known.evolve(present, decode(known.events, data))
    return encode(present)


def rows(category: str, uid: SafeUUID, state: bytes | str) -> list[Projection]:
    """All the rows of read tables that an aggregate's state makes, for a rebuild.

    `state`: as in the table `stream`.
    """
    known = _CATEGORIES[category]
    return known.rows(decode(known.state, state), uid)
