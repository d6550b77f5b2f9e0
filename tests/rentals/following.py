"""The rental sets over HTTP, and replicas of them that are kept by delta links alone."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import httpx2
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.testclient import TestClient
from tests.rentals.conftest import NOW

from gerance.kernel.db import open_pool
from gerance.kernel.limits.long_answers import LongAnswers
from gerance.kernel.odata.access import EVERYTHING, Access
from gerance.kernel.odata.endpoint import ODataService
from gerance.kernel.odata.respond.request import ODataCaller
from gerance.kernel.odata.route import ODataRoute
from gerance.kernel.odata.versions import VersionReader
from gerance.odata_service import MODEL
from gerance.rentals.model.rules import RULESET
from gerance.rentals.model.samples import WRITE_ANNOTATIONS
from gerance.rentals.writing.writer import RentalsWriter

ACCESSES = {
    each.key: each
    for each in (
        EVERYTHING,
        Access(key="one division", places=({"company_no": 3, "division_no": 1},)),
        Access(key="nowhere", places=()),
    )
}
"""By the value of the header `X-Access`."""

TRACK = {"Prefer": "odata.track-changes"}
Entity = dict[str, Any]


def application(url: str, *, delta_days: float = 30) -> Starlette:
    """An application that serves the rental sets below `/api/`, to everybody."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with (
            open_pool(url, size=4, statement_timeout_ms=30_000) as pool,
            open_pool(url, size=4, statement_timeout_ms=0) as streams,
        ):
            app.state.pool, app.state.streams = pool, streams
            app.state.long_answers = LongAnswers(streams, most_each=6, seconds=10.0)
            app.state.versions = VersionReader(pool)
            yield

    async def authorize(request: Request) -> ODataCaller:
        versions = await request.app.state.versions.read()
        access = replace(
            ACCESSES[request.headers.get("x-access", "*")], owner=request.headers.get("x-owner")
        )
        return ODataCaller(access, versions, "00000000-0000-4000-8000-000000000001")

    service = ODataService(
        MODEL,
        root="/api/",
        authorize=authorize,
        page=50_000,
        cache_bytes=1_000_000,
        seconds=30,
        writer=RentalsWriter(RULESET, WRITE_ANNOTATIONS, NOW.date),
        delta_days=delta_days,
    )
    return Starlette(routes=[ODataRoute(service)], lifespan=lifespan)


@contextmanager
def opened(url: str, *, delta_days: float = 30) -> Iterator[TestClient]:
    """A client of the rental sets, with all rights unless it says otherwise."""
    with TestClient(application(url, delta_days=delta_days)) as client:
        yield client


def asked(http: TestClient, address: str, headers: Mapping[str, str]) -> httpx2.Response:
    answer = http.get(address, headers=dict(headers))
    assert answer.status_code == 200, answer.text
    return answer


@dataclass
class Replica:
    """A copy of what a question answers. `page`: rows that it takes at once; `headers`: that it
    sends with each request."""

    http: TestClient
    question: str
    page: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    key: str = "Id"
    link: str = ""
    entities: dict[Any, Entity] = field(default_factory=dict)
    pages: int = 0

    def load(self) -> "Replica":
        """Read all of it."""
        for answer in self._pages(f"/api/{self.question}", TRACK):
            self.entities |= {each[self.key]: each for each in answer["value"]}
        return self

    def follow(self) -> list[Entity]:
        """Read what has changed; the entries of the answer."""
        entries = []
        for answer in self._pages(self.link, {}):
            for entry in answer["value"]:
                self._apply(entry)
                entries.append(entry)
        return entries

    def fresh(self) -> dict[Any, Entity]:
        """What the question answers now."""
        answer = asked(self.http, f"/api/{self.question}", self.headers).json()
        return {each[self.key]: each for each in answer["value"]}

    def _apply(self, entry: Entity) -> None:
        if "@removed" in entry:
            self.entities.pop(entry[self.key], None)
        elif entry.get("@odata.context", "").endswith("/$deletedEntity"):
            address = entry["id"]
            self.entities.pop(int(address[address.index("(") + 1 : -1]), None)
        else:
            self.entities[entry[self.key]] = entry

    def _pages(self, address: str, more: Mapping[str, str]) -> Iterator[Any]:
        prefer = [] if self.page is None else [f"odata.maxpagesize={self.page}"]
        prefer += list(more.values())
        while True:
            headers = {**self.headers, **({"Prefer": ", ".join(prefer)} if prefer else {})}
            answer = asked(self.http, address, headers).json()
            self.pages += 1
            yield answer
            if "@odata.nextLink" not in answer:
                break
            assert "@odata.deltaLink" not in answer
            address = answer["@odata.nextLink"]
        self.link = answer["@odata.deltaLink"]
