"""Long answers leave in parts; who goes away frees what it held."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from typing import Any

import psycopg
import pytest
from starlette.requests import ClientDisconnect
from tests.kernel.odata.shop import Shop, open_shop
from tests.waiting import PATIENCE, until_async

from gerance.kernel.db import Pool
from gerance.kernel.http import stream_response
from gerance.kernel.limits import long_answers

ROWS = 20_000
Message = dict[str, Any]
Send = Callable[[Message], Awaitable[None]]


@pytest.fixture(scope="module")
def store(tables: str) -> Iterator[Shop]:
    """A shop with many products, all in one answer; one of them weighs nothing."""
    with psycopg.connect(tables, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO catalogue.product (id, name, created_at, code, sku, store, weight, stock)"
            " SELECT n, 'produit à rallonge ' || n, now(), n::text, gen_random_uuid(), 1,"
            f" CASE n WHEN {ROWS} THEN 0 ELSE 1 END, CASE n WHEN 10 THEN 0 ELSE 1 END"
            f" FROM generate_series(7, {ROWS}) n"
        )
        connection.execute("ANALYZE catalogue.product")  # So that it is read in order of its key.
    with open_shop(tables, page=50_000, cache_bytes=20_000_000) as opened:
        yield opened


def scope(query: str, path: str = "/api/Products", asgi: str = "2.3") -> Message:
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": asgi},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [(b"host", b"testserver")],
    }


def run(shop: Shop, act: Callable[[Any], Awaitable[Any]]) -> Any:
    """What `act` gives, called with the application in its own event loop."""
    assert shop.http.portal is not None
    return shop.http.portal.call(act, shop.http.app)


def read(shop: Shop, query: str) -> list[Message]:
    """The messages of a whole answer."""

    async def ask(app: Any) -> list[Message]:
        sent: list[Message] = []

        async def send(message: Message) -> None:
            sent.append(message)

        async def receive() -> Message:
            await asyncio.Event().wait()
            raise AssertionError

        await app(scope(query), receive, send)
        return sent

    found: list[Message] = run(shop, ask)
    return found


async def free(pool: Pool) -> bool:
    """Wait until every connection of a pool has come back."""

    def all_back() -> bool:
        stats = pool.get_stats()
        return stats["pool_available"] == stats["pool_size"] and not stats["requests_waiting"]

    await until_async(all_back)
    return True


def test_a_long_answer_is_sent_in_parts_and_is_whole(store: Shop) -> None:
    messages = read(store, "$select=Id,Name&$count=true&$filter=Weight ge 0 or Id ge 0")
    parts = [each["body"] for each in messages[1:] if each["body"]]
    assert len(parts) > 3
    assert max(len(part) for part in parts) < 400_000
    body = json.loads(b"".join(parts))
    assert body["@odata.count"] == ROWS
    assert [row["Id"] for row in body["value"]] == list(range(1, ROWS + 1))


def test_a_long_answer_is_kept_as_it_was_sent(store: Shop) -> None:
    first, second = (store.ask("Products", select="Id,Name") for _ in range(2))
    assert first.content == second.content
    assert "content-length" not in first.headers
    assert int(second.headers["content-length"]) == len(first.content)
    assert first.headers["etag"] == second.headers["etag"]


def test_a_long_answer_with_everything_inside_is_in_order(store: Shop) -> None:
    rows = store.rows("Products", select="Id", expand="Category($select=Id),Supplier", top=15_000)
    assert [row["Id"] for row in rows] == list(range(1, 15_001))


@pytest.mark.parametrize("asgi", ["2.3", "2.4"])
@pytest.mark.parametrize("parts", [0, 1, 2])
def test_who_goes_away_frees_the_connection(store: Shop, asgi: str, parts: int) -> None:
    async def leave(app: Any) -> bool:
        gone = asyncio.Event()
        sent = 0

        async def send(message: Message) -> None:
            nonlocal sent
            sent += 1
            if sent > parts:
                gone.set()
                if asgi == "2.4":
                    raise OSError("gone")
                await asyncio.Event().wait()

        async def receive() -> Message:
            await gone.wait()
            return {"type": "http.disconnect"}

        for _ in range(5):
            gone.clear()
            sent = 0
            asked = scope(f"$filter=Id gt -{parts}1", asgi=asgi)
            with suppress(OSError, ClientDisconnect):
                await asyncio.wait_for(app(asked, receive, send), PATIENCE)
        return await free(app.state.streams) and await free(app.state.pool)

    assert run(store, leave)
    assert len(store.rows("Products", select="Id")) == ROWS


def test_who_goes_away_in_the_middle_costs_no_connection(store: Shop) -> None:
    async def leave(app: Any) -> int:
        gone = asyncio.Event()

        async def send(message: Message) -> None:
            if message.get("body"):
                gone.set()

        async def receive() -> Message:
            await gone.wait()
            return {"type": "http.disconnect"}

        for nth in range(10):
            gone.clear()
            await app(scope(f"$filter=Id gt -{nth}3&$count=true&$expand=Category"), receive, send)
            assert await free(app.state.streams)
        lost: int = app.state.streams.get_stats().get("returns_bad", 0)
        return lost

    assert run(store, leave) == 0


def test_who_does_not_read_is_cut(store: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(long_answers, "PATIENCE_SECONDS", 0.1)

    async def stare(app: Any) -> bool:
        cut = asyncio.Event()

        class Line:
            def cut(self) -> None:
                cut.set()

        async def send(message: Message) -> None:
            if message.get("body"):
                await asyncio.Event().wait()

        async def receive() -> Message:
            await cut.wait()
            return {"type": "http.disconnect"}

        asked = {**scope("$filter=Id gt -4"), stream_response.CONNECTION: Line()}
        await asyncio.wait_for(app(asked, receive, send), PATIENCE)
        return await free(app.state.streams)

    assert run(store, stare)


def test_a_cancelled_request_frees_the_connection(store: Shop) -> None:
    async def cancel(app: Any) -> bool:
        async def send(_: Message) -> None:
            await asyncio.Event().wait()

        async def receive() -> Message:
            await asyncio.Event().wait()
            raise AssertionError

        for nth in range(6):
            task = asyncio.create_task(app(scope(f"$filter=Id gt -{nth}2"), receive, send))
            await asyncio.sleep(0.002 * nth)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        return await free(app.state.streams) and await free(app.state.pool)

    assert run(store, cancel)


def test_a_failure_before_the_first_part_is_an_error_of_odata(store: Shop) -> None:
    error = store.refused(
        "Products", 400, None, filter="(-9223372036854775807 sub 1) div (Stock sub 1) eq 1"
    )
    assert error["code"] == "CannotCompute"
    far = "1e308 div (Weight add 0.001)"
    assert store.refused("Products", 400, None, orderby=far)["code"] == "CannotCompute"
    assert store.refused("Categories(99)/Products", 404)["code"] == "NotFound"


def test_a_failure_after_the_first_part_never_looks_like_a_whole_answer(store: Shop) -> None:
    with pytest.raises(stream_response.AnswerCut, match="too large"):
        read(store, f"$filter=Id add {2**31 - ROWS} ne 0&$select=Id,Name")

    async def freed(app: Any) -> bool:
        return await free(app.state.streams)

    assert run(store, freed)
    assert len(store.rows("Products", select="Id")) == ROWS


def test_many_long_answers_at_a_time_wait_for_one_another(store: Shop) -> None:
    async def many(app: Any) -> list[int]:
        async def ask(nth: int) -> int:
            sent: list[Message] = []

            async def send(message: Message) -> None:
                sent.append(message)

            async def receive() -> Message:
                await asyncio.Event().wait()
                raise AssertionError

            await app(scope(f"$select=Id&$filter=Id gt {nth}"), receive, send)
            return len(json.loads(b"".join(each.get("body", b"") for each in sent))["value"])

        return list(await asyncio.gather(*(ask(nth) for nth in range(8))))

    assert run(store, many) == [ROWS - nth for nth in range(8)]
