"""What a stranger sends before a request is complete is bounded in bytes, time and connections."""

import json
import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from tests.cli.server_process import ServerProcess, rest, serving, status
from tests.waiting import PATIENCE, until

from gerance.cli.certificate import self_signed

HEAD = b"POST / HTTP/1.1\r\nHost: x\r\n"
GET = b"GET /client HTTP/1.1\r\nHost: x\r\n"


@pytest.fixture(scope="module")
def server() -> Iterator[ServerProcess]:
    with serving(
        max_head_bytes=16_384,
        head_seconds=1.0,
        body_seconds=1.5,
        keep_alive_seconds=1.0,
        max_pending_body_bytes=400_000,
    ) as made:
        yield made


def assert_refused(answer: bytes, expected: int) -> None:
    """A real answer, which says that it is the last, and why."""
    assert status(answer) == expected, answer[:300]
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"connection: close" in head.lower()
    assert json.loads(body)["message"]


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (HEAD + b"A: " + b"a" * 20_000 + b"\r\n\r\n", 431),
        (HEAD + b"A: a\r\n" * 5_000 + b"\r\n", 431),
        (HEAD + b"A: a\r\n" * 101 + b"\r\n", 431),
        (b"GET /" + b"a" * 9_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
        (b"GET /" + b"a" * 90_000, 414),
        (b"POST / HTTP/1.1\r\n\r\n", 400),
        (HEAD + b"Host: x\r\n\r\n", 400),
        (HEAD + b"Host: y\r\n\r\n", 400),
        (b"GET / HTTP/1.0\r\nHost: x\r\nHost: y\r\n\r\n", 400),
        (HEAD + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n", 400),
        (HEAD + b"Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc", 400),
        (HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 400),
        (HEAD + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (b"POST / HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (HEAD + b"A: b\r\n folded\r\n\r\n", 400),
        (HEAD + b"A : b\r\n\r\n", 400),
        (b"GET / HTTP/1.1\nHost: x\n\n", 400),
        (b"GET / HTTP/2.0\r\nHost: x\r\n\r\n", 505),
        (b"GET /\r\n\r\n", 505),
        (b"\x16\x03\x01\x02\x00\x01\x00", 400),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n1;" + b"e" * 40_000, 400),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n" + b"T: t\r\n" * 10_000, 400),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\nnot a size\r\n", 400),
        (b"GET  / HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"GET /  HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"GET" + b" " * 200 + b"/ HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"GET /#x HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"GET * HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"CONNECT x:80 HTTP/1.1\r\nHost: x:80\r\n\r\n", 400),
        *(
            (b"GET " + target + b" HTTP/1.1\r\nHost: x\r\n\r\n", 400)
            for target in (
                b"http://y/",
                b"http://x:81/",
                b"https://x:80/",
                b"http://y@x/",
                b"ftp://x/",
                b"http://",
                b"http:///",
                b"http://y/?http://x/",
                b"http://x#/",
                b"x:80",
            )
        ),
        *(
            (b"GET / HTTP/1.1\r\nHost: " + host + b"\r\n\r\n", 400)
            for host in (
                b"",
                b"a b",
                b"x/y?",
                b"x:",
                b"x:y",
                b"x,y",
                b"u@x",
                b"[x]",
                b"\xe9",
                b"x#",
            )
        ),
    ],
)
def test_what_is_too_long_or_can_be_read_in_two_ways_is_refused(
    server: ServerProcess, sent: bytes, expected: int
) -> None:
    assert_refused(server.exchange(sent), expected)


@pytest.mark.parametrize(
    ("target", "host"),
    [
        (b"/client", b"x.example:8000"), (b"/client?a=http://y/", b"[::1]:8000"),
        (b"http://x.example/client", b"X.Example:80"), (b"HTTPS://x:443/client", b"x"),
        (b"http://[::1]:8000/client?b", b"[::1]:8000"), (b"/client", b"a_b.example"),
    ],
)  # fmt: skip
def test_what_clients_and_proxies_send_is_taken(
    server: ServerProcess, target: bytes, host: bytes
) -> None:
    head = b"GET " + target + b" HTTP/1.1\r\nHost: " + host + b"\r\nConnection: close\r\n\r\n"
    assert status(server.exchange(head)) == 200


@pytest.mark.parametrize(
    ("target", "query"),
    [
        ("/query?$filter=No eq 3 and Name eq 'x'", "$filter=No%20eq%203%20and%20Name%20eq%20'x'"),
        ("/query?fulltext=évier", "fulltext=%C3%A9vier"),
        ("/query?a= b ", "a=%20b%20"),
    ],
)
def test_letters_and_blanks_in_a_query_are_taken_as_they_are(
    server: ServerProcess, target: str, query: str
) -> None:
    """curl and PHP send them so."""
    assert server.get(target) == {"query": query}


@pytest.mark.parametrize(
    "target",
    [
        "/a b",
        "/a b?c",
        "/query?a HTTP/1.1",
        "/query?a\tb c",
        "/query?a b HTTP/1.1 c",
        "é",
        "/q?a\x00 b",
    ],
)
def test_blanks_that_a_proxy_could_read_otherwise_are_refused(
    server: ServerProcess, target: str
) -> None:
    sent = f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    assert_refused(server.exchange(sent), 400)


def test_two_spaces_are_seen_where_they_come_apart_and_not_in_a_body(server: ServerProcess) -> None:
    with server.connect() as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in b"GET  / HTTP/1.1\r\nHost: x\r\n\r\n":
            with suppress(OSError):
                client.sendall(bytes([byte]))
        assert_refused(rest(client), 400)
    body = b"\nPOST  / HTTP/1.1\r\n"
    sent = HEAD + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    assert status(server.exchange(sent)) == 200


@pytest.mark.parametrize(
    "sent",
    [HEAD[:20], HEAD, HEAD + b"Content-Length: 5\r\n\r\nabc", b"\r\n",
     HEAD + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"],
)  # fmt: skip
def test_a_request_that_never_ends_is_answered_in_time(server: ServerProcess, sent: bytes) -> None:
    assert_refused(server.exchange(sent), 408)


def test_a_silent_connection_and_an_idle_one_are_closed(server: ServerProcess) -> None:
    assert server.exchange(b"") == b""
    answer = server.exchange(GET + b"\r\n")
    assert status(answer) == 200
    assert b"connection: close" not in answer.lower()


def test_a_bad_request_behind_a_good_one_is_answered_after_it(server: ServerProcess) -> None:
    answer = server.exchange(b"GET /wait HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\n\r\n")
    assert [line for line in answer.splitlines() if line.startswith((b"HTTP/", b"waited"))] == [
        b"HTTP/1.1 200 OK",
        b"waitedHTTP/1.1 400 Bad Request",
    ]


def test_many_requests_sent_ahead_are_not_all_taken(server: ServerProcess) -> None:
    with server.connect() as client:
        client.sendall(b"GET /wait HTTP/1.1\r\nHost: x\r\n\r\n" * 2_000)
        answer = rest(client)
    assert 1 < answer.count(b"HTTP/1.1 200 OK") < 100
    assert answer.count(b"connection: close") == 1


def test_what_stands_behind_a_body_is_no_header(server: ServerProcess) -> None:
    sent = GET + b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\nCookie: a=b\r\n\r\n"
    answer = server.exchange(sent)
    assert status(answer) == 200
    assert b"cookie" not in answer


def test_an_answer_before_the_end_of_a_body_is_read_whole(server: ServerProcess) -> None:
    body = b"x" * 3_000_000
    head = f"POST /refuse HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    answer = server.exchange(head + body)
    assert status(answer) == 413
    assert answer.endswith(b"not this")


def test_bodies_under_way_are_bounded_in_all(server: ServerProcess) -> None:
    with ExitStack() as clients:
        slow = [clients.enter_context(server.connect()) for _ in range(10)]
        for client in slow:
            client.sendall(HEAD + b"Content-Length: 90000\r\n\r\n" + b"x" * 60_000)
        answers = [rest(client) for client in slow]
        statuses = [status(answer) for answer in answers]
        assert 503 in statuses
        assert set(statuses) <= {503, 408}
        assert statuses.index(503) == 0, "the oldest goes first"
    answer = server.exchange(HEAD + b"Connection: close\r\nContent-Length: 3\r\n\r\nabc")
    assert answer.endswith(b"abc"), "all that was held is free again"


def test_one_endless_header_costs_no_more_than_it_may_have(server: ServerProcess) -> None:
    before = server.get("/memory")
    with server.connect() as client:
        client.sendall(HEAD + b"A: ")
        with suppress(ConnectionError):
            for _ in range(600):
                client.sendall(b"a" * 262_144)
        with suppress(ConnectionError):
            assert_refused(rest(client), 431)
    after = server.get("/memory")
    assert after["bytes"] - before["bytes"] < 20_000_000
    assert after["cpu"] - before["cpu"] < 5  # 21 s on the code before


def test_a_client_that_reads_nothing_holds_no_more_than_a_part(server: ServerProcess) -> None:
    before = server.get("/memory")["bytes"]
    with ExitStack() as clients:
        for _ in range(10):
            client = clients.enter_context(server.connect())
            client.sendall(b"GET /big?parts=500 HTTP/1.1\r\nHost: x\r\n\r\n" * 20)
        assert server.get("/memory")["bytes"] - before < 20_000_000


def test_when_descriptors_are_few_the_oldest_silent_client_makes_room() -> None:
    with serving(descriptors=300) as server, ExitStack() as clients:
        silent = [clients.enter_context(server.connect()) for _ in range(400)]
        for _ in range(20):
            assert status(server.exchange(GET + b"Connection: close\r\n\r\n")) == 200
        assert rest(silent[0]) == b""
        silent[-1].sendall(GET + b"\r\n")
        assert silent[-1].recv(4096).startswith(b"HTTP/1.1 200")


def test_an_address_has_so_many_connections_unless_it_is_a_trusted_proxy() -> None:
    limits = {"max_connections_per_address": 3, "keep_alive_seconds": 60.0}
    with (
        serving(forwarded_allow_ips="10.0.0.1", **limits) as server,
        ExitStack() as clients,
    ):
        first = [clients.enter_context(server.connect()) for _ in range(3)]
        for client in first:
            client.sendall(GET + b"\r\n")
            assert client.recv(4096).startswith(b"HTTP/1.1 200")
        refused = server.exchange(b"")
        assert_refused(refused, 429)
        assert b"retry-after" in refused
        first[0].close()
        until(lambda: status(server.exchange(GET + b"Connection: close\r\n\r\n")) == 200)
    with serving(**limits) as server, ExitStack() as clients:
        for _ in range(10):
            client = clients.enter_context(server.connect())
            client.sendall(GET + b"\r\n")
            assert client.recv(4096).startswith(b"HTTP/1.1 200")


def test_only_trusted_proxies_say_where_a_request_comes_from(server: ServerProcess) -> None:
    def told(*headers: str) -> tuple[str, str]:
        lines = "".join(f"{header}\r\n" for header in ("Connection: close", *headers))
        answer = server.exchange(GET + lines.encode() + b"\r\n")
        found = json.loads(answer.partition(b"\r\n\r\n")[2])
        return found["client"], found["scheme"]

    assert told() == ("127.0.0.1", "http")
    assert told("X-Forwarded-For: 6.6.6.6, 2001:DB8::1", "X-Forwarded-Proto: https") == (
        "2001:db8::1",
        "https",
    )
    assert told("X-Forwarded-For: <b>", "X-Forwarded-Proto: gopher") == ("127.0.0.1", "http")


def test_links_begin_with_what_a_trusted_proxy_forwards(server: ServerProcess) -> None:
    def own_url(*headers: str, server: ServerProcess = server) -> str:
        lines = "".join(f"{header}\r\n" for header in ("Connection: close", *headers))
        answer = server.exchange(GET + lines.encode() + b"\r\n")
        return str(json.loads(answer.partition(b"\r\n\r\n")[2])["own_url"])

    direct = own_url()
    assert direct.startswith("http://")
    secure = "X-Forwarded-Proto: https"
    for headers, expected in (
        (("X-Forwarded-Host: immo.example.org", secure), "https://immo.example.org"),
        (("X-Forwarded-Host: immo.example.org", secure, "X-Forwarded-Port: 8443"),
         "https://immo.example.org:8443"),
        (("X-Forwarded-Host: immo.example.org", secure, "X-Forwarded-Port: 443"),
         "https://immo.example.org"),
        (("X-Forwarded-Host: evil.example, immo.example.org",), "http://immo.example.org"),
        (("X-Forwarded-Host: <b>",), direct),
    ):  # fmt: skip
        assert own_url(*headers) == expected
    with serving(forwarded_allow_ips="10.0.0.1") as other:
        assert own_url("X-Forwarded-Host: immo.example.org", secure, server=other) == direct


def test_a_slow_tls_handshake_is_cut_and_a_good_one_served(tmp_path: Path) -> None:
    certificate, key = self_signed(tmp_path, "localhost")
    with serving(tls_cert=str(certificate), tls_key=str(key), head_seconds=3.0) as server:
        with suppress(ConnectionResetError):
            assert server.exchange(b"\x16\x03\x01") == b""
        context = ssl.create_default_context(cafile=str(certificate))
        for _ in range(20):
            with context.wrap_socket(server.connect(), server_hostname="localhost") as client:
                client.sendall(GET + b"Connection: close\r\n\r\n")
                assert status(rest(client)) == 200
        with context.wrap_socket(server.connect(), server_hostname="localhost") as client:
            client.sendall(GET + b"\r\n" + b"GET / HTTP/1.1\r\n\r\n")
            answer = b""
            while b"Host header" not in answer:
                answer += client.recv(4096)
        assert b'"scheme":"https"' in answer
        assert_refused(answer[answer.index(b"HTTP/1.1 400") :], 400)
        with (
            suppress(ConnectionResetError),
            socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as plain,
        ):
            plain.sendall(GET + b"\r\n")
            rest(plain)


def test_refusals_are_in_the_log() -> None:
    with serving() as server:
        assert_refused(server.exchange(HEAD + b"Host: y\r\n\r\n"), 400)
        lines = [json.loads(line) for line in server.stop().splitlines()]
    (refused,) = [line for line in lines if line["event"] == "request refused"]
    assert (refused["status"], refused["client"]) == (400, "127.0.0.1")
