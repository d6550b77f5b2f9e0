"""Every endpoint of the incident API."""

from gerance.incidents import sessions
from gerance.incidents.agencies import routes as agencies
from gerance.incidents.companies import routes as companies
from gerance.incidents.lots import routes as lots
from gerance.incidents.operators import routes as operators
from gerance.incidents.patrimonies import routes as patrimonies
from gerance.incidents.patrimony_contacts import routes as patrimony_contacts
from gerance.incidents.provider_companies import routes as provider_companies
from gerance.incidents.provider_contacts import routes as provider_contacts
from gerance.incidents.subscriptions import routes as subscriptions
from gerance.incidents.tickets import routes as tickets
from gerance.incidents.users import routes as users
from gerance.kernel.http.endpoint import Endpoint

ENDPOINTS: tuple[Endpoint, ...] = (
    *sessions.ENDPOINTS,
    *tickets.ENDPOINTS,
    *companies.ENDPOINTS,
    *agencies.ENDPOINTS,
    *users.ENDPOINTS,
    *operators.ENDPOINTS,
    *patrimonies.ENDPOINTS,
    *lots.ENDPOINTS,
    *patrimony_contacts.ENDPOINTS,
    *provider_companies.ENDPOINTS,
    *provider_contacts.ENDPOINTS,
    *subscriptions.ENDPOINTS,
)
