"""Which integrator sends a request, for routes beside the entity sets."""

from starlette.datastructures import Headers
from starlette.types import Scope

from gerance.kernel.http.endpoint import Call
from gerance.kernel.identity.bearer import Bearers, Integrator
from gerance.kernel.limits.address import client_address
from gerance.kernel.limits.rates import count_request
from gerance.kernel.odata.versions import VersionReader


async def authenticate(call: Call) -> Integrator:
    """The integrator whose token is in the header. Raises Rejection (401) as `Bearers` does."""
    state = call.request.app.state
    versions: VersionReader = state.versions
    bearers: Bearers = state.bearers
    generation = (await versions.read()).of("integrator")
    integrator = await bearers.integrator(
        call.request.headers.get("authorization"), generation, client_address(call.request.scope)
    )
    call.request.scope["login"] = integrator.user_name
    count_request(call.request.scope, f"integrator {integrator.uid}")
    await call.reach_position()
    return integrator


async def integrator_of(scope: Scope) -> str | None:
    """The principal of a request with an integrator's valid token, for limits."""
    authorization = Headers(scope=scope).get("authorization")
    if authorization is None:
        return None
    versions: VersionReader = scope["app"].state.versions
    bearers: Bearers = scope["app"].state.bearers
    generation = (await versions.read()).of("integrator")
    integrator = await bearers.valid(authorization, generation, client_address(scope))
    return None if integrator is None else f"integrator {integrator.uid}"
