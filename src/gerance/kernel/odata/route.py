"""The OData service as a route: before all others for its sets, after them for other paths."""

import re

from starlette.datastructures import URLPath
from starlette.routing import BaseRoute, Match, NoMatchFound
from starlette.types import Receive, Scope, Send

from gerance.kernel.odata.endpoint import ODataService


class ODataRoute(BaseRoute):
    """Leads to the service: for its own paths, or for every one that `others` (a pattern over paths
    in small letters) does not match."""

    def __init__(self, service: ODataService, others: re.Pattern[str] | None = None) -> None:
        self._service = service
        self._others = others

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if scope["type"] != "http":
            return Match.NONE, {}
        path: str = scope["path"]
        if self._others is None:
            matches_path = self._service.serves(path)
        else:
            matches_path = self._service.below(path) and not self._others.match(path.lower())
        return (Match.FULL if matches_path else Match.NONE), {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._service(scope, receive, send)

    def url_path_for(self, name: str, /, **path_params: object) -> URLPath:
        raise NoMatchFound(name, path_params)
