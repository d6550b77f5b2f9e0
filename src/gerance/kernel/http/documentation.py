"""The documentation that the server serves: OpenAPI, and Swagger UI with its assets vendored.

Swagger UI 5.35.0, Apache-2.0: see `swagger/LICENSE` and `swagger/NOTICE`.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from gerance.kernel.http.security_headers import API_PAGES_POLICY
from gerance.kernel.wire import encode

_SWAGGER = Path(__file__).parent / "swagger"

_PAGE = """<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>Gérance API</title>
  <link rel="icon" type="image/png" href="/swagger/favicon-32x32.png">
  <link rel="stylesheet" href="/swagger/swagger-ui.css">
</head>
<body>
  <div id="swagger-ui"></div>
  <script src="/swagger/swagger-ui-bundle.js"></script>
  <script src="/swagger/start.js"></script>
</body>
</html>
"""


def documentation(document: Callable[[], dict[str, Any]]) -> list[BaseRoute]:
    """The routes of the documentation. `document`: OpenAPI, whose `servers` are replaced by the
    URL of the request."""

    @cache
    def body() -> bytes:
        return encode({name: value for name, value in document().items() if name != "servers"})

    async def send_document(request: Request) -> Response:
        servers = [{"url": str(request.base_url).rstrip("/"), "description": "This server"}]
        start = encode({"servers": servers})[:-1]
        return Response(start + b"," + body()[1:], media_type="application/json")

    async def page(request: Request) -> Response:
        return HTMLResponse(_PAGE, headers={"Content-Security-Policy": API_PAGES_POLICY})

    async def to_page(request: Request) -> Response:
        return RedirectResponse("/swagger/index.html")

    return [
        Route("/openapi.json", send_document),
        Route("/", to_page),
        Route("/swagger", to_page),
        Route("/swagger/index.html", page),
        Mount("/swagger", StaticFiles(directory=_SWAGGER)),
    ]
