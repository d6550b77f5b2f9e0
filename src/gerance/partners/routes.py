"""All endpoints of the partner API."""

from gerance.kernel.http.endpoint import Endpoint
from gerance.partners.billing_exchange import routes as billing
from gerance.partners.customers import routes as customers
from gerance.partners.leads import routes as leads
from gerance.partners.webhooks import routes as webhooks

ENDPOINTS: tuple[Endpoint, ...] = (
    *leads.ENDPOINTS,
    *customers.ENDPOINTS,
    *billing.ENDPOINTS,
    *webhooks.ENDPOINTS,
)
