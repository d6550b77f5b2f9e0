"""Browsers are told to keep other sites out, on every kind of answer."""

import asyncio
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from gerance.kernel.http.documentation import documentation
from gerance.kernel.http.middleware import RequestMiddleware


async def own(request: Request) -> Response:
    headers = {"Content-Security-Policy": "default-src 'self'", "Cache-Control": "max-age=60"}
    return JSONResponse({}, headers=headers)


async def failing(request: Request) -> Response:
    raise LookupError("a mistake")


APP = Starlette(
    routes=[
        Route("/own", own),
        Route("/failing", failing),
        *documentation(lambda: {"openapi": "3.1.0"}),
    ],
    middleware=[Middleware(RequestMiddleware, hsts_seconds=600)],
)
PATHS = ["/own", "/failing", "/nowhere", "/", "/swagger/index.html", "/swagger/start.js",
         "/openapi.json"]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_has_them(path: str) -> None:
    with TestClient(APP, follow_redirects=False, raise_server_exceptions=False) as client:
        headers = client.get(path).headers
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    if path == "/own":
        assert headers["content-security-policy"] == "default-src 'self'"
        assert headers["cache-control"] == "max-age=60"
    else:
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "unsafe-" not in headers["content-security-policy"]


def test_pages_have_no_script_of_their_own() -> None:
    with TestClient(APP) as client:
        page = client.get("/swagger/index.html")
    assert page.text.count("<script") == page.text.count("<script src=") == 2
    policy = page.headers["content-security-policy"]
    assert "script-src 'self';" in policy


def test_https_is_insisted_on_after_https_only() -> None:
    for base, sent in (("http://h", None), ("https://h", "max-age=600")):
        with TestClient(APP, base_url=base) as client:
            assert client.get("/own").headers.get("strict-transport-security") == sent


def test_no_header_is_there_twice() -> None:
    async def run() -> list[tuple[bytes, bytes]]:
        sent: list[Any] = []
        scope: dict[str, Any] = {
            "type": "http", "method": "GET", "path": "/own", "raw_path": b"/own",
            "query_string": b"", "headers": [], "scheme": "https", "http_version": "1.1",
            "server": ("h", 1), "client": ("h", 1), "root_path": "",
        }  # fmt: skip

        async def receive() -> Any:
            return {"type": "http.request"}

        async def send(message: Any) -> None:
            sent.append(message)

        await APP(scope, receive, send)
        return list(sent[0]["headers"])

    names = [name for name, _ in asyncio.run(run())]
    assert len(names) == len(set(names))
