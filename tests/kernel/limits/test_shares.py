"""Connections for short answers are shared: one principal's slow requests hold nobody up."""

import asyncio
import contextvars
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest
from tests.app import in_patrimony, open_ticket
from tests.feeds.conftest import serving
from tests.incidents.conftest import World
from tests.incidents.login import PASSWORD, new_login
from tests.living import on
from tests.rentals.test_writing import integrator
from tests.waiting import PATIENCE, until

from gerance.kernel.db import NoFreeConnection, Pool, open_pool
from gerance.kernel.errors import Rejection
from gerance.kernel.identity.scope import Scope
from gerance.kernel.limits.shares import HOLDER, Shares
from gerance.partners.programme.partners import add_partner

EACH = 4
AT_ONCE = 16


def as_principal(owner: str | None, work: Coroutine[None, None, Any]) -> "asyncio.Task[Any]":
    """A task of its own for work on behalf of a principal."""
    context = contextvars.copy_context()
    context.run(HOLDER.set, owner)
    return asyncio.get_running_loop().create_task(work, context=context)


def sharing(database: str, story: Callable[[Pool], Coroutine[None, None, None]]) -> None:
    async def run() -> None:
        async with open_pool(
            database, size=4, statement_timeout_ms=0, shares=Shares(most=3, most_each=2)
        ) as pool:
            pool.timeout = 0.3
            await story(pool)

    asyncio.run(run())


def test_a_principal_holds_its_share_and_all_principals_leave_a_connection(database: str) -> None:
    async def story(pool: Pool) -> None:
        over, held = asyncio.Event(), []

        async def hold(owner: str | None) -> None:
            async with pool.connection():
                held.append(owner)
                await over.wait()

        async def refused(owner: str) -> tuple[str, int]:
            with pytest.raises(Rejection) as failure:
                await as_principal(owner, hold(owner))
            assert int(failure.value.headers["Retry-After"]) > 0
            return failure.value.code, failure.value.status

        tasks = [as_principal(owner, hold(owner)) for owner in ("a", "a", "b")]
        assert await refused("a") == ("TooManyConcurrentRequests", 429)
        assert await refused("c") == ("Busy", 503)
        async with pool.brief() as connection:
            await connection.execute("SELECT 1")
        tasks.append(as_principal(None, hold(None)))
        while len(held) < 4:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0)
        with pytest.raises(NoFreeConnection):
            await as_principal(None, hold(None))
        over.set()
        await asyncio.gather(*tasks)
        assert held == ["a", "a", "b", None]

    sharing(database, story)


def test_the_next_connection_goes_to_whoever_holds_fewest(database: str) -> None:
    async def story(pool: Pool) -> None:
        pool.timeout = 30
        order: list[str] = []
        over = asyncio.Event()

        async def use(owner: str, until: asyncio.Event | None = None) -> None:
            async with pool.connection():
                order.append(owner)
                if until is not None:
                    await until.wait()

        first = asyncio.Event()
        tasks = [as_principal("a", use("a", over)), as_principal("a", use("a", first))]
        tasks.append(as_principal("b", use("b", over)))
        while len(order) < 3:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0)
        waiting = [as_principal(owner, use(owner)) for owner in ("a", "a", "a", "c", "b")]
        given_up = as_principal("c", use("c"))
        await asyncio.sleep(0)
        given_up.cancel()
        await asyncio.wait([given_up])
        first.set()
        await asyncio.gather(*waiting)
        assert order[3] == "c"
        over.set()
        await asyncio.gather(*tasks)
        # Nothing is left behind by one who gave up: the whole share is there again.
        await asyncio.gather(*(as_principal("c", use("c")) for _ in range(8)))

    sharing(database, story)


@pytest.fixture
def served(database: str, tmp_path: Path) -> Iterator[tuple[httpx2.Client, str]]:
    limits = httpx2.Limits(max_connections=None)
    with (
        serving(
            database,
            tmp_path,
            jobs_inside=False,
            partners_plain_http="allow",
            connections_per_principal=EACH,
        ) as (url, _),
        httpx2.Client(base_url=url, timeout=PATIENCE, limits=limits) as http,
    ):
        yield http, database


@contextmanager
def locked(database: str, table: str) -> Iterator[Callable[[], int]]:
    """Nobody reads the table within the block; how many wait to."""
    with (
        psycopg.connect(database) as connection,
        psycopg.connect(database, autocommit=True) as other,
    ):
        connection.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")

        def waiting() -> int:
            ((count,),) = other.execute(
                "SELECT count(DISTINCT pid) FROM pg_locks"
                " WHERE NOT granted AND relation = %s::regclass",
                [table],
            ).fetchall()
            return int(count)

        yield waiting


def test_slow_requests_of_one_principal_hold_nobody_up(
    served: tuple[httpx2.Client, str],
) -> None:
    """In each of the three APIs: its table is locked, and a client sends many requests at once."""
    http, database = served
    world = World(http, database)
    open_ticket(world.root, in_patrimony(world.patrimony))
    login = new_login(world)
    crm, other = (integrator(http, database, name, Scope()) for name in ("crm", "other"))
    user, colleague = (world.login("superUser")._headers for _ in range(2))
    partners = []
    for code in ("FOUSSIER", "AUTRE"):
        token = on(
            database, lambda c, code=code: add_partner(c, code=code, name=code, sources=[code])
        )
        partners.append({"Authorization": f'Token token="{token}"'})
    slow: list[tuple[str, str, dict[str, str]]] = [
        ("rentals.building", "/api/Buildings/$count?$filter=Id gt {n}", crm),
        ("ticket_document", "/api/v1/tickets?range=0-{n}", user),
        ("partner_billing_file", "/v1/billing-files?x={n}", partners[0]),
    ]
    for table, path, headers in slow:
        with ThreadPoolExecutor(AT_ONCE) as threads:
            with locked(database, table) as waiting:
                asked = [
                    threads.submit(http.get, path.format(n=n + 1), headers=headers)
                    for n in range(AT_ONCE)
                ]
                until(lambda: waiting() >= EACH)
                answers = {
                    "log-in": http.post(
                        "/api/v1/login", json={"login": login, "password": PASSWORD}
                    ),
                    "ready": http.get("/ready"),
                    "integrator": http.get("/api/Suppliers/$count", headers=other),
                    "user": http.get("/api/v1/patrimonies", headers=colleague),
                    "partner": http.get("/v1/customers", headers=partners[1]),
                }
                statuses = {name: answer.status_code for name, answer in answers.items()}
                assert set(statuses.values()) == {200}, (table, statuses)
                assert waiting() == EACH
            assert {each.result().status_code for each in asked} == {200}, table
