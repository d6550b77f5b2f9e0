"""What tickets refer to: every slice's endpoints, and how its rows are made from its states."""

from collections.abc import Callable, Mapping
from typing import Any

from gerance.incidents.agencies import routes as agencies
from gerance.incidents.companies import decide as company
from gerance.incidents.companies import routes as companies
from gerance.incidents.companies import views as company_views
from gerance.incidents.operators import decide as operator
from gerance.incidents.operators import routes as operators
from gerance.incidents.operators import views as operator_views
from gerance.incidents.patrimonies import decide as patrimony
from gerance.incidents.patrimonies import routes as patrimonies
from gerance.incidents.patrimonies import views as patrimony_views
from gerance.incidents.patrimony_contacts import decide as patrimony_contact
from gerance.incidents.patrimony_contacts import routes as patrimony_contacts
from gerance.incidents.patrimony_contacts import views as patrimony_contact_views
from gerance.incidents.provider_companies import decide as provider_company
from gerance.incidents.provider_companies import routes as provider_companies
from gerance.incidents.provider_companies import views as provider_company_views
from gerance.incidents.provider_contacts import decide as provider_contact
from gerance.incidents.provider_contacts import routes as provider_contacts
from gerance.incidents.provider_contacts import views as provider_contact_views
from gerance.incidents.users import decide as user
from gerance.incidents.users import routes as users
from gerance.incidents.users import views as user_views
from gerance.kernel.execute import Projection
from gerance.kernel.http.endpoint import Endpoint
from gerance.kernel.wire import SafeUUID, decode

ENDPOINTS: tuple[Endpoint, ...] = (
    *companies.ENDPOINTS,
    *agencies.ENDPOINTS,
    *users.ENDPOINTS,
    *operators.ENDPOINTS,
    *patrimonies.ENDPOINTS,
    *patrimony_contacts.ENDPOINTS,
    *provider_companies.ENDPOINTS,
    *provider_contacts.ENDPOINTS,
)

Rows = Callable[[Any, SafeUUID], list[Projection]]

_ROWS: Mapping[str, tuple[type, Rows]] = {
    companies.CATEGORY: (company.Company, company_views.rows),
    users.CATEGORY: (user.User, user_views.rows),
    operators.CATEGORY: (operator.Operator, operator_views.rows),
    patrimonies.CATEGORY: (patrimony.Patrimony, patrimony_views.rows),
    patrimony_contacts.CATEGORY: (
        patrimony_contact.PatrimonyContact,
        patrimony_contact_views.rows,
    ),
    provider_companies.CATEGORY: (
        provider_company.ProviderCompany,
        provider_company_views.rows,
    ),
    provider_contacts.CATEGORY: (
        provider_contact.ProviderContact,
        provider_contact_views.rows,
    ),
}

CATEGORIES: tuple[str, ...] = tuple(_ROWS)
"""The categories of streams that `rows` knows."""


def rows(category: str, uid: SafeUUID, state: str) -> list[Projection]:
    """All the rows of read tables that an aggregate's state makes, for a rebuild.

    `state`: as in the table `stream`.
    """
    kind, made = _ROWS[category]
    return made(decode(kind, state), uid)
