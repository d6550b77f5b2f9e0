"""Answers in gzip: of some size, in parts as they are sent, with ETags of their own."""

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from tests.living import running
from tests.rentals.test_writing import integrator

from gerance.kernel.http.compression import MOST_AT_ONCE, SHORTEST, CompressionMiddleware
from gerance.kernel.identity.scope import Scope

PART = b'{"name":"value"},' * 20_000
LONG = b"x" * SHORTEST


async def parts() -> AsyncIterator[bytes]:
    for _ in range(3):
        yield PART


async def answer(request: Request) -> Response:
    query = request.query_params
    headers = {"ETag": query.get("etag", 'W/"1"')}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    if "stream" in query:
        return StreamingResponse(parts(), media_type="application/json", headers=headers)
    body = LONG if "long" in query else b"short"
    return Response(body, media_type=query.get("type", "application/json"), headers=headers)


APP = Starlette(routes=[Route("/", answer)], middleware=[Middleware(CompressionMiddleware)])


def ask(query: bytes, **headers: str) -> tuple[dict[str, str], list[bytes]]:
    """The headers and the parts of an answer, as they are sent."""
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    fields = {"accept-encoding": "gzip", **{k.replace("_", "-"): v for k, v in headers.items()}}
    scope = {
        "type": "http", "method": "GET", "scheme": "http", "path": "/", "query_string": query,
        "headers": [(name.encode(), value.encode()) for name, value in fields.items()],
    }  # fmt: skip
    asyncio.run(APP(scope, receive, send))
    names = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return names, [each["body"] for each in sent[1:] if each.get("body")]


def test_a_long_answer_is_compressed() -> None:
    headers, (body,) = ask(b"long")
    assert gzip.decompress(body) == LONG
    assert headers["content-encoding"] == "gzip"
    assert headers["content-length"] == str(len(body))
    assert headers["vary"] == "Accept-Encoding"
    assert headers["etag"] == 'W/"1"'


@pytest.mark.parametrize(
    ("query", "more"),
    [
        (b"", {}),
        (b"long&type=application/pdf", {}),
        (b"long&type=text/html", {}),
        (b"long", {"accept_encoding": "br"}),
        (b"long", {"accept_encoding": "gzip;q=0"}),
        (b"long", {"sec_fetch_site": "cross-site"}),
        (b"long", {"origin": "https://elsewhere.example"}),
    ],
)
def test_others_are_sent_as_they_are(query: bytes, more: dict[str, str]) -> None:
    """Lengths of answers that have secrets, or go to pages of other sites, reveal nothing."""
    headers, (body,) = ask(query, **more)
    assert "content-encoding" not in headers
    assert body in (LONG, b"short")
    assert ("vary" in headers) == (query == b"long")


def test_a_stream_is_compressed_part_by_part() -> None:
    headers, sent = ask(b"stream")
    assert "content-length" not in headers
    decompressor = zlib.decompressobj(31)
    lengths = [len(decompressor.decompress(each)) for each in sent]
    assert lengths[:3] == [len(PART)] * 3
    assert decompressor.eof


def test_a_strong_etag_is_of_one_coding() -> None:
    headers, _ = ask(b'long&etag="a"')
    assert headers["etag"] == '"a-gzip"'
    assert ask(b'long&etag="a"', accept_encoding="identity")[0]["etag"] == '"a"'
    again, sent = ask(b'long&etag="a"', if_none_match='"a-gzip"')
    assert (again["etag"], sent) == ('"a-gzip"', [])


def test_only_some_are_compressed_at_once() -> None:
    middleware = CompressionMiddleware(APP)
    assert [middleware.take() for _ in range(MOST_AT_ONCE + 1)] == [*[True] * MOST_AT_ONCE, False]
    middleware.release()
    assert middleware.take()


@pytest.fixture
def http(database: str, tmp_path: Path) -> Iterator[TestClient]:
    with running(database, tmp_path) as http:
        http.headers.update(integrator(http, database, "reader", Scope()))
        yield http


def test_cached_answers_are_compressed_once(http: TestClient) -> None:
    for nth in range(60):
        body = {"ServiceCode": f"S{nth}", "Name": f"The service number {nth}"}
        assert http.post("/api/Services", json=body).status_code == 201
    plain = http.get("/api/Services", headers={"Accept-Encoding": "identity"})
    answers = [http.get("/api/Services") for _ in range(3)]
    for each in answers:
        assert each.headers["content-encoding"] == "gzip"
        assert each.content == plain.content
        assert each.headers["etag"] == plain.headers["etag"]
    assert answers[1].headers["content-length"] == answers[2].headers["content-length"]
    tag = {"If-None-Match": answers[0].headers["etag"]}
    assert http.get("/api/Services", headers=tag).status_code == 304
    metadata = http.get("/api/$metadata")
    assert metadata.headers["content-encoding"] == "gzip"
    assert metadata.headers["etag"].endswith('-gzip"')
    tag = {"If-None-Match": metadata.headers["etag"]}
    assert http.get("/api/$metadata", headers=tag).status_code == 304
