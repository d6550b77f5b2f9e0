"""The entity sets of all contexts as one service, for integrators."""

from starlette.requests import Request

from gerance.incidents.odata import TYPES as INCIDENTS
from gerance.kernel import clock
from gerance.kernel.http.endpoint import reach_position
from gerance.kernel.identity.bearer import Bearers, Integrator
from gerance.kernel.limits.address import client_address
from gerance.kernel.limits.rates import count_request
from gerance.kernel.odata.access import Access
from gerance.kernel.odata.edm import Model
from gerance.kernel.odata.endpoint import ODataService
from gerance.kernel.odata.respond.request import ODataCaller
from gerance.kernel.odata.versions import VersionReader
from gerance.kernel.settings import Settings
from gerance.partners.odata import TYPES as PARTNERS
from gerance.rentals.access.rights import access_of
from gerance.rentals.model import FUNCTIONS
from gerance.rentals.model import TYPES as RENTALS
from gerance.rentals.model.rules import RULESET
from gerance.rentals.model.samples import WRITE_ANNOTATIONS
from gerance.rentals.writing.writer import RentalsWriter

MODEL = Model.resolve("Gerance", (*RENTALS, *INCIDENTS, *PARTNERS), FUNCTIONS)
INCIDENT_SETS = frozenset(each.set_name for each in INCIDENTS)
PARTNER_SETS = frozenset(each.set_name for each in PARTNERS)


def entity_sets(settings: Settings) -> ODataService:
    """The service below `/api/`. The application keeps `versions` and `bearers` in its state."""
    rights = _Rights(frozenset(settings.modules))
    zone = settings.zone

    async def authorize(request: Request) -> ODataCaller:
        caller = await authenticate(request)
        if "gerance-min-position" not in request.headers:
            return caller
        await reach_position(request)
        # The versions and rights of that position.
        return await authenticate(request)

    async def authenticate(request: Request) -> ODataCaller:
        versions: VersionReader = request.app.state.versions
        bearers: Bearers = request.app.state.bearers
        set_versions = await versions.read()
        authorization = request.headers.get("authorization")
        integrator = await bearers.integrator(
            authorization, set_versions.of("integrator"), client_address(request.scope)
        )
        request.scope["login"] = integrator.user_name
        count_request(request.scope, f"integrator {integrator.uid}")
        actor = None if integrator.read_only else integrator.uid
        return ODataCaller(rights.of(integrator), set_versions, actor)

    return ODataService(
        MODEL,
        root="/api/",
        authorize=authorize,
        page=settings.odata_page,
        answer_bytes=settings.odata_answer_bytes,
        cache_bytes=settings.odata_kept_bytes,
        delta_days=settings.odata_delta_days,
        seconds=settings.statement_timeout_ms / 1000,
        writer=RentalsWriter(RULESET, WRITE_ANNOTATIONS, lambda: clock.today(zone)),
        most_bytes=settings.max_body_bytes,
        conditional=settings.odata_if_match,
        server_timing=settings.odata_server_timing,
    )


class _Rights:
    """The access of each integrator, worked out once as long as it does not change."""

    def __init__(self, modules: frozenset[str]) -> None:
        self._modules = modules
        self._cache: dict[str, tuple[Integrator, Access]] = {}

    def of(self, integrator: Integrator) -> Access:
        entry = self._cache.get(integrator.uid)
        if entry is None or entry[0] is not integrator:
            access = access_of(
                integrator, MODEL.sets.values(), self._modules, INCIDENT_SETS, PARTNER_SETS
            )
            entry = self._cache[integrator.uid] = (integrator, access)
        return entry[1]
