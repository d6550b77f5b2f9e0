"""The catalogue served over HTTP: questions and their answers in few words."""

import json
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from urllib.parse import quote, unquote

import httpx2
import psycopg
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.testclient import TestClient
from tests.kernel.odata.catalogue import CATALOGUE, TABLES

from gerance.kernel.db import open_pool
from gerance.kernel.limits.long_answers import LongAnswers
from gerance.kernel.odata.access import EVERYTHING, Access
from gerance.kernel.odata.endpoint import ODataService
from gerance.kernel.odata.respond.request import ODataCaller
from gerance.kernel.odata.route import ODataRoute
from gerance.kernel.odata.versions import VersionReader

ROOT = "http://testserver/api/"
MISSING = {"Trips": "Trips needs the module travel."}
_CONTROL = ("@odata.etag", "@odata.id")
ACCESSES = {
    each.key: each
    for each in (
        EVERYTHING,
        Access(key="first store", places=({"store": 1},)),
        Access(key="second store", places=({"store": 2},)),
        Access(key="no store", places=()),
        Access(key="products", sets=frozenset({"Products"})),
        Access(key="no trips", missing=MISSING),
    )
}
"""By the value of the header `X-Access`."""


def make_tables(url: str) -> None:
    """The catalogue's tables and rows, in a migrated database."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(TABLES.encode())


def application(
    url: str,
    *,
    page: int = 1000,
    cache_bytes: int = 1_000_000,
    statement_timeout_ms: int = 30_000,
    size: int = 4,
    answer_bytes: int = 268_435_456,
    server_timing: bool = False,
) -> Starlette:
    """An application that serves the catalogue below `/api/`, as the real one serves its sets."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with (
            open_pool(url, size=size, statement_timeout_ms=statement_timeout_ms) as pool,
            open_pool(url, size=2, statement_timeout_ms=0) as streams,
        ):
            app.state.pool, app.state.streams = pool, streams
            app.state.long_answers = LongAnswers(streams, most_each=6, seconds=10.0)
            app.state.versions = VersionReader(pool)
            yield

    async def authorize(request: Request) -> ODataCaller:
        versions = await request.app.state.versions.read()
        access = ACCESSES[request.headers.get("x-access", "*")]
        return ODataCaller(replace(access, owner=request.headers.get("x-owner")), versions)

    service = ODataService(
        CATALOGUE,
        root="/api/",
        authorize=authorize,
        page=page,
        answer_bytes=answer_bytes,
        cache_bytes=cache_bytes,
        seconds=statement_timeout_ms / 1000,
        server_timing=server_timing,
    )
    others = ODataRoute(service, re.compile("(?!)"))
    return Starlette(routes=[ODataRoute(service), others], lifespan=lifespan)


def without_control(entity: dict[str, Any]) -> dict[str, Any]:
    if entity.keys() == {"@odata.id"}:  # A reference.
        return entity
    return {name: value for name, value in entity.items() if name not in _CONTROL}


@dataclass
class Shop:
    """A client of the catalogue; `access`: whose rights it has."""

    http: TestClient
    access: str = "*"

    def seen_by(self, access: str) -> "Shop":
        return Shop(self.http, access)

    def ask(
        self,
        path: str,
        headers: Mapping[str, str] | None = None,
        method: str = "GET",
        **options: Any,
    ) -> httpx2.Response:
        """The answer to a path and query options: `filter="..."` is sent as `$filter`."""
        query = "&".join(f"${name}={quote(str(value))}" for name, value in options.items())
        url = f"/api/{path}" + (f"{'&' if '?' in path else '?'}{query}" if query else "")
        return self.http.request(method, url, headers={"X-Access": self.access, **(headers or {})})

    def raw(self, path: bytes, query: bytes) -> tuple[int, bytes]:
        """The answer, status and body, to a request with these very bytes."""
        scope = {
            "type": "http", "method": "GET", "scheme": "http", "path": unquote(path.decode()),
            "raw_path": path, "query_string": query,
            "headers": [(b"x-access", self.access.encode())],
        }  # fmt: skip
        assert self.http.portal is not None
        return self.http.portal.call(answered, self.http.app, scope)

    def json(self, path: str, headers: Mapping[str, str] | None = None, **options: Any) -> Any:
        """The body of an answer that is well; numbers with a point are decimals. Without headers of
        its own the control information of entities is left out."""
        answer = self.ask(path, headers, **options)
        assert answer.status_code == 200, answer.text
        hook = without_control if headers is None else None
        return json.loads(answer.text, parse_float=Decimal, object_hook=hook)

    def rows(self, path: str, **options: Any) -> list[dict[str, Any]]:
        """The entities of a collection."""
        return list(self.json(path, **options)["value"])

    def ids(
        self, condition: str | None = None, path: str = "Products", **options: Any
    ) -> list[int]:
        """The ids of the products that meet a condition, in the order of the answer."""
        if condition is not None:
            options["filter"] = condition
        return [row["Id"] for row in self.rows(path, select="Id", **options)]

    def keys(self, path: str, key: str, **options: Any) -> list[Any]:
        return [row[key] for row in self.rows(path, **options)]

    def follow(self, link: str, headers: Mapping[str, str] | None = None) -> Any:
        """The body behind an `@odata.nextLink`."""
        assert link.startswith(ROOT)
        return self.json(link.removeprefix(ROOT), headers)

    def pages(self, path: str, size: int, **options: Any) -> Iterator[list[dict[str, Any]]]:
        """The entities of each page, as long as there is a next one."""
        prefer = {"Prefer": f"odata.maxpagesize={size}"}
        body = self.json(path, prefer, **options)
        yield body["value"]
        while link := body.get("@odata.nextLink"):
            body = self.follow(link, prefer)
            yield body["value"]

    def refused(
        self, path: str, status: int = 400, headers: Mapping[str, str] | None = None, **options: Any
    ) -> dict[str, Any]:
        """The error of an answer with this status."""
        answer = self.ask(path, headers, **options)
        assert answer.status_code == status, f"{answer.status_code} {answer.text}"
        assert answer.headers["OData-Version"] in ("4.0", "4.01")
        assert answer.headers["content-type"] == "application/json"
        error: dict[str, Any] = answer.json()["error"]
        assert error["code"]
        assert error["message"]
        return error

    def holds(self, expression: str, path: str = "Products", key: int = 1) -> bool:
        """Whether a condition holds for one product."""
        return bool(self.ids(f"Id eq {key} and ({expression})", path))


async def answered(app: Any, scope: dict[str, Any]) -> tuple[int, bytes]:
    """What an application answers, status and body."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return sent[0]["status"], b"".join(each.get("body", b"") for each in sent)


@contextmanager
def open_shop(url: str, **options: Any) -> Iterator[Shop]:
    """A client of an application over this database."""
    with TestClient(application(url, **options)) as client:
        yield Shop(client)
