"""Every endpoint of the incident API."""

from gerance.incidents import entities, sessions
from gerance.incidents.subscriptions import routes as subscriptions
from gerance.incidents.tickets import routes as tickets
from gerance.kernel.http.endpoint import Endpoint

ENDPOINTS: tuple[Endpoint, ...] = (
    *sessions.ENDPOINTS,
    *tickets.ENDPOINTS,
    *entities.ENDPOINTS,
    *subscriptions.ENDPOINTS,
)
