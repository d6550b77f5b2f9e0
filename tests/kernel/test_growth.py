"""Nothing in a process grows with the requests that it has answered.

After some requests of each kind, as many again leave every container of the process as long as it
was, and every cached function with as many entries, up to its bound. The bounds of caches are small
here, so that a cache that fills is not taken for one that grows.
"""

import functools
import gc
import random
from asyncio import TimerHandle
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.app import in_patrimony, new_uid, opening
from tests.incidents.conftest import World
from tests.living import running
from tests.rentals.test_writing import integrator

from gerance.incidents.tickets.counts import TallyCache
from gerance.kernel.identity import bad_tokens, bearer
from gerance.kernel.identity.scope import Scope
from gerance.kernel.limits import rates
from gerance.kernel.odata import compiler
from gerance.rentals.writing import tables

REQUESTS = 80
"""Of each kind, before the first count and between the two."""
BOUND = 20
"""Of each cache."""
FULL = 0.5
"""A container grows with requests when it grows by more than this share of those of one kind."""
SUPPLIER = ("Name", "ContactName", "CivicNoAndStreet", "City", "Province", "PostalCode", "Trade")

Kind = Callable[[TestClient, int], Any]


@pytest.fixture
def http(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    monkeypatch.setattr(rates, "BUCKETS", BOUND)
    monkeypatch.setattr(bad_tokens, "NETWORKS", BOUND)
    monkeypatch.setattr(bearer, "CACHED_TOKENS", BOUND)
    monkeypatch.setattr(tables, "MOST_STATEMENTS", BOUND)
    monkeypatch.setattr(compiler, "CACHE_SIZE", BOUND)
    monkeypatch.setattr(TallyCache.__init__, "__defaults__", (BOUND,))
    with running(database, tmp_path, odata_kept_bytes=100_000, forwarded_allow_ips="*") as client:
        yield client


def kinds(http: TestClient, database: str) -> list[Kind]:
    """Requests of every API by their number, no two of a kind alike."""
    root = World(http, database).root
    rental = integrator(http, database, "crm", Scope(incidents=True))
    supplier = http.post(
        "/api/Suppliers", json={"SupplierCode": "S", "Name": "S"}, headers=rental
    ).json()["Id"]

    def change(http: TestClient, n: int) -> Any:
        names = random.Random(n).sample(SUPPLIER, 4)
        body = {name: f"{name} {n}" for name in names}
        return http.patch(f"/api/Suppliers({supplier})", json=body, headers=rental)

    def elsewhere(n: int) -> dict[str, str]:
        return {"X-Forwarded-For": f"198.51.{n // 250}.{1 + n % 250}"}

    def open_ticket(http: TestClient, n: int) -> Any:
        return root.send("POST", "tickets", opening(in_patrimony(new_uid())))

    return [
        change,
        open_ticket,
        lambda http, n: http.get(f"/api/Suppliers?$filter=Id gt {n}&$top={n + 1}", headers=rental),
        lambda http, n: http.get(
            f"/api/Suppliers?$filter=Name eq 'x{n}'&$count=true", headers=rental
        ),
        lambda http, n: root.read("tickets", fulltext=f"word{n}"),
        lambda http, n: http.get(f"/nowhere/{n}"),
        lambda http, n: http.get(
            "/api/Units", headers={"Authorization": f"Bearer x{n}"} | elsewhere(n)
        ),
        lambda http, n: http.get(
            "/api/v1/tickets", headers={"Cookie": f"PI_SESSION=x{n}"} | elsewhere(n)
        ),
        lambda http, n: http.get(
            "/v1/leads", headers={"Authorization": f"Token token={n}"} | elsewhere(n)
        ),
        lambda http, n: http.request(f"VERB{n}", "/api/Units"),
        lambda http, n: http.get("/api/v1/tickets", headers={"X-Request-Id": f"id{n}"}),
    ]


def lengths() -> dict[int, tuple[int, Any]]:
    """The length of each container and cached function of the process, by its identity."""
    gc.collect()
    found: dict[int, tuple[int, Any]] = {}
    for each in gc.get_objects():
        if isinstance(each, dict | list | set | deque | OrderedDict):
            if isinstance(each, list) and each and isinstance(each[0], TimerHandle):
                # The event loop drops cancelled timers from time to time.
                continue
            found[id(each)] = (len(each), each)
        elif isinstance(each, functools._lru_cache_wrapper):
            info = each.cache_info()
            # A bounded one fills to its bound.
            found[id(each)] = (info.currsize if info.maxsize is None else 0, each)
    return found


def test_nothing_grows_with_requests(http: TestClient, database: str) -> None:
    requests = kinds(http, database)
    for n in range(REQUESTS):
        for each in requests:
            each(http, n)
    before = lengths()
    for n in range(REQUESTS, 2 * REQUESTS):
        for each in requests:
            each(http, n)
    after = lengths()
    grown = [
        f"{length - before[key][0]} more in {describe(each)}"
        for key, (length, each) in after.items()
        if key in before and length - before[key][0] > FULL * REQUESTS
        if each is not before and each is not after
    ]
    assert grown == [], "\n".join(grown)


def describe(container: Any) -> str:
    """A container and what refers to it."""
    owners = [
        getattr(each, "__name__", type(each).__qualname__)
        for each in gc.get_referrers(container)
        if not isinstance(each, tuple)
    ]
    sample = "" if callable(container) else repr(next(iter(container), None))[:80]
    name = getattr(container, "__qualname__", "")
    return f"{type(container).__name__} {name} of {owners[:4]} {sample}"
