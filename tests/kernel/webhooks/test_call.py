"""One call: what is sent, what came of it, and that nothing the other side does costs much."""

import asyncio
import gzip
import tracemalloc
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest
from tests.kernel.webhooks.loopback import OK, Receiver, receiving
from tests.waiting import PATIENCE

from gerance.kernel.webhooks.client import MOST_BODY_BYTES, RequestOutcome, WebhookClient
from gerance.kernel.webhooks.guard import Guard
from gerance.kernel.webhooks.outcome import retry_after

LOOPBACK = Guard(["127.0.0.0/8"])
MEGABYTE = 1 << 20


async def call(caller: WebhookClient, receiver: Receiver) -> RequestOutcome:
    answer = await caller.post(receiver.url, b"{}", [("x-token", "hush")], "application/json")
    assert "hush" not in answer.detail
    assert "\n" not in answer.detail
    return answer


def called(
    behave: object, *, times: int = 1, timeout: float = 15.0
) -> tuple[list[RequestOutcome], Receiver]:
    """The answers of as many calls, one after the other, and the receiver afterwards."""

    async def run() -> tuple[list[RequestOutcome], Receiver]:
        async with (
            receiving(behave) as receiver,
            WebhookClient(LOOPBACK, timeout=timeout) as caller,
        ):  # type: ignore[arg-type]
            return [await call(caller, receiver) for _ in range(times)], receiver

    return asyncio.run(run())


def head(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode("latin-1")


def test_a_call_sends_the_body_and_headers_and_keeps_the_connection() -> None:
    answers, receiver = called(OK, times=3)
    assert [(each.status, each.failure, each.body) for each in answers] == [(200, None, b"ok")] * 3
    assert receiver.connections == 1
    sent = receiver.requests[0].decode()
    assert sent.startswith("POST /hook?key=hush HTTP/1.1\r\n")
    assert sent.endswith("\r\n\r\n{}")
    for line in (
        *("x-token: hush", "Content-Type: application/json", "Content-Length: 2"),
        *("User-Agent: Gerance/", "Accept-Encoding: identity\r\n"),
    ):
        assert f"\r\n{line}" in sent


def test_an_answer_without_a_body_is_one() -> None:
    [answer], _ = called(b"HTTP/1.1 204 No Content\r\n\r\n")
    assert (answer.status, answer.failure, answer.body) == (204, None, b"")


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 305, 307, 308, 399])
def test_a_redirect_is_a_failure_and_not_followed(status: int) -> None:
    async def move(receiver: Receiver, writer: asyncio.StreamWriter) -> None:
        writer.write(head(f"HTTP/1.1 {status} X\nLocation: {receiver.url}\nContent-Length: 0\n\n"))

    [answer], receiver = called(move)
    assert (answer.status, answer.failure) == (status, "redirect")
    assert len(receiver.requests) == 1


@pytest.mark.parametrize("status", [400, 401, 404, 410, 429, 500, 503, 599])
def test_another_status_is_a_failure_with_its_body_and_retry_after(status: int) -> None:
    [answer], _ = called(
        head(f"HTTP/1.1 {status} hush\nRetry-After: 120\nContent-Length: 4\n\nhush")
    )
    assert (answer.status, answer.failure, answer.body) == (status, "status", b"hush")
    assert answer.retry_after == 120
    assert answer.detail == f"The endpoint answered {status}."


def test_no_cookie_is_kept_and_no_proxy_of_the_environment_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    cookie = head("HTTP/1.1 200 OK\nSet-Cookie: a=b\nContent-Length: 0\n\n")

    async def run() -> Receiver:
        async with receiving(cookie) as receiver, WebhookClient(LOOPBACK) as caller:
            for _ in range(2):  # by name: cookies of bare addresses are never kept
                url = f"http://localhost:{receiver.port}/"
                assert (await caller.post(url, b"{}", [], "application/json")).status == 200
            return receiver

    assert b"cookie" not in asyncio.run(run()).requests[1].lower()


def test_a_kept_connection_that_was_given_up_is_no_failure() -> None:
    async def first_only(receiver: Receiver, writer: asyncio.StreamWriter) -> None:
        if len(receiver.requests) == 2:
            raise ConnectionResetError
        writer.write(OK)

    answers, receiver = called(first_only, times=2)
    assert [each.failure for each in answers] == [None, None]
    assert (receiver.connections, len(receiver.requests)) == (2, 3)


def test_a_new_connection_that_is_given_up_is_a_failure_after_one_request() -> None:
    async def give_up(_: Receiver, __: asyncio.StreamWriter) -> None:
        raise ConnectionResetError

    [answer], receiver = called(give_up)
    assert (answer.status, answer.failure) == (None, "connection")
    assert len(receiver.requests) == 1


LARGE = {
    "endless": head("HTTP/1.1 200 OK\n\n"),
    "a gigabyte": head(f"HTTP/1.1 200 OK\nContent-Length: {1 << 30}\n\n"),
    "endless, after a failure": head("HTTP/1.1 500 X\n\n"),
}


@pytest.mark.parametrize("beginning", LARGE.values(), ids=LARGE)
def test_of_a_large_answer_64_kib_are_kept_and_the_connection_closed(beginning: bytes) -> None:
    async def pour(receiver: Receiver, writer: asyncio.StreamWriter) -> None:
        writer.write(beginning)
        await receiver.pour(writer, b"x" * MOST_BODY_BYTES)

    async def run() -> tuple[RequestOutcome, Receiver]:
        async with receiving(pour) as receiver, WebhookClient(LOOPBACK) as caller:
            answer = await call(caller, receiver)
            await asyncio.wait_for(receiver.closed.wait(), PATIENCE)
            return answer, receiver

    tracemalloc.start()
    answer, receiver = asyncio.run(run())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert answer.body == b"x" * MOST_BODY_BYTES
    assert answer.failure == ("status" if answer.status == 500 else None)
    assert receiver.sent < 16 * MEGABYTE
    assert peak < 8 * MEGABYTE


def test_an_endless_chunked_answer_ends_too() -> None:
    async def pour(receiver: Receiver, writer: asyncio.StreamWriter) -> None:
        writer.write(head("HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n"))
        await receiver.pour(writer, b"1000\r\n" + b"x" * 4096 + b"\r\n")

    [answer], _ = called(pour)
    assert (answer.failure, answer.body) == (None, b"x" * MOST_BODY_BYTES)


def test_nothing_is_unpacked() -> None:
    bomb = gzip.compress(bytes(20 * MEGABYTE))
    beginning = head(f"HTTP/1.1 200 OK\nContent-Encoding: gzip\nContent-Length: {len(bomb)}\n\n")
    [answer], _ = called(beginning + bomb)
    assert answer.body == bomb[:MOST_BODY_BYTES]


async def _silence(_: Receiver, __: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


def _dripping(beginning: bytes, drop: bytes) -> Callable[..., Awaitable[None]]:
    async def drip(_: Receiver, writer: asyncio.StreamWriter) -> None:
        writer.write(beginning)
        while True:
            writer.write(drop)
            await writer.drain()
            await asyncio.sleep(0.01)

    return drip


SLOW = {
    "silence": (_silence, None),
    "a head, a byte at a time": (_dripping(b"HTTP/1.1 200 OK\r\nX: ", b"x"), None),
    "a body, a byte at a time": (
        _dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", b"x"),
        200,
    ),
    "preliminary answers": (_dripping(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), None),
}


@pytest.mark.parametrize(("behave", "status"), SLOW.values(), ids=SLOW)
def test_a_slow_answer_ends_by_the_time_of_the_whole_call(
    behave: object, status: int | None
) -> None:
    [answer], _ = called(behave, timeout=1.0)  # none of them would ever end
    assert (answer.status, answer.failure) == (status, "timeout")
    assert answer.duration >= 1.0


NOT_HTTP = {
    "nothing": (b"", "connection"),
    "a greeting": (b"220 ready\r\n\r\n", "protocol"),
    "noise": (b"\x00\xff\x16\x03\x01hush\r\n\r\n", "protocol"),
    "no status": (b"HTTP/1.1 hush\r\n\r\n", "protocol"),
    "a long line": (b"HTTP/1.1 200 " + b"hush" * 5000 + b"\r\n\r\n", "protocol"),
    "a long header": (b"HTTP/1.1 200 OK\r\nX: " + b"hush" * 5000 + b"\r\n\r\n", "protocol"),
    "many headers": (b"HTTP/1.1 200 OK\r\n" + b"X: hush\r\n" * 1000 + b"\r\n", "protocol"),
    "two lengths": (
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nhu",
        "protocol",
    ),
    "no length": (b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "protocol"),
    "half a head": (b"HTTP/1.1 200 OK\r\nX: hu", "connection"),
    "half a body": (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhush", "connection"),
    "a bad chunk": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nhush\r\nx\r\n",
        "protocol",
    ),
    "a stranger's protocol": (
        b"HTTP/1.1 101 X\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nhush",
        "status",
    ),
}


@pytest.mark.parametrize(("written", "failure"), NOT_HTTP.values(), ids=NOT_HTTP)
def test_what_is_not_http_is_a_failure_with_a_code(written: bytes, failure: str) -> None:
    async def write_and_close(_: Receiver, writer: asyncio.StreamWriter) -> None:
        writer.write(written)
        await writer.drain()
        writer.close()

    [answer], _ = called(write_and_close)
    assert answer.failure == failure


def test_answers_that_nobody_asked_for_end_a_kept_connection() -> None:
    async def run() -> Receiver:
        answered = asyncio.Event()

        async def flood(receiver: Receiver, writer: asyncio.StreamWriter) -> None:
            writer.write(OK)
            await answered.wait()
            await receiver.pour(writer, b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" * 1000)

        async with receiving(flood) as receiver, WebhookClient(LOOPBACK) as caller:
            assert (await call(caller, receiver)).status == 200
            answered.set()
            await asyncio.wait_for(receiver.closed.wait(), PATIENCE)
            return receiver

    assert asyncio.run(run()).sent < 16 * MEGABYTE


def test_a_call_that_is_cancelled_closes_its_connection() -> None:
    async def run() -> None:
        async with (
            receiving(_dripping(b"HTTP/1.1 200 OK\r\nX: ", b"x")) as receiver,
            WebhookClient(LOOPBACK) as caller,
        ):
            task = asyncio.create_task(call(caller, receiver))
            await receiver.arrived.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await asyncio.wait_for(receiver.closed.wait(), PATIENCE)

    asyncio.run(run())


def test_no_more_calls_run_at_once_than_said_and_waiting_is_not_their_time() -> None:
    most = 0

    async def behave(receiver: Receiver, writer: asyncio.StreamWriter) -> None:
        nonlocal most
        most = max(most, len(receiver.requests) - receiver.answered)
        await asyncio.sleep(0.2)
        receiver.answered += 1
        writer.write(OK)

    async def run() -> list[RequestOutcome]:
        caller = WebhookClient(LOOPBACK, connections=2, timeout=1.5)
        async with receiving(behave) as receiver, caller:
            # The last of them waits for longer than a call may take.
            return await asyncio.gather(*(call(caller, receiver) for _ in range(20)))

    assert {each.failure for each in asyncio.run(run())} == {None}
    assert most == 2


def test_connections_to_many_hosts_are_not_all_kept() -> None:
    async def run() -> int:
        caller = WebhookClient(LOOPBACK, connections=4)
        async with receiving(OK, host="0.0.0.0") as receiver, caller:
            for host in range(1, 41):
                url = f"http://127.0.0.{host}:{receiver.port}/"
                assert (await caller.post(url, b"{}", [], "application/json")).status == 200
            return receiver.open

    assert asyncio.run(run()) <= 6


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        *(("0", 0), ("120", 120), (" 7 ", 7), ("86401", 86_400), ("9" * 5000, 86_400)),
        *(("-5", None), ("1.5", None), ("", None), ("soon", None), ("٣", None), ("\xb2", None)),
        ("Wed, 21 Oct 2015 07:29:00 GMT", 60),
        ("Wed, 21 Oct 2015 07:27:00 GMT", 0),
        ("Wed, 21 Oct 2099 07:28:00 GMT", 86_400),
        ("Wed, 21 Oct 2015 07:29:00 -0000", 60),
        ("Wed, 99 Oct 99999 07:28:00 GMT", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_date_and_bounded(
    value: str, seconds: float | None
) -> None:
    assert retry_after(value, datetime(2015, 10, 21, 7, 28, tzinfo=UTC)) == seconds
