"""Operators set the address of a partner, try it, change its secret and tell again."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

import psycopg
import pytest
from tests.cli.conftest import Gerance
from tests.cli.conftest import gerance as _gerance

gerance = _gerance
HERE = {"GERANCE_WEBHOOK_NETWORKS": "127.0.0.0/8"}


class Hook(ThreadingHTTPServer):
    """A receiver: the headers and the parameters of each call."""

    def __init__(self) -> None:
        self.calls: list[tuple[dict[str, str], dict[str, str]]] = []
        super().__init__(("127.0.0.1", 0), _Answer)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/hook"


class _Answer(BaseHTTPRequestHandler):
    server: Hook

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.calls.append((headers, dict(parse_qsl(body, keep_blank_values=True))))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def hook() -> Iterator[Hook]:
    with Hook() as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}).start()
        yield server
        server.shutdown()


@pytest.fixture(autouse=True)
def _partner(database: str) -> None:
    with psycopg.connect(database) as connection:
        connection.execute("truncate partner, endpoint, subscription, outbox, delivery cascade")
        connection.execute("insert into partner (code, name) values ('FOUSSIER', 'Foussier')")


def test_an_address_is_set_shown_tried_and_removed(gerance: Gerance, hook: Hook) -> None:
    def webhook(*arguments: str) -> str:
        done = gerance("partners", "webhook", *arguments, **HERE)
        assert done.returncode == 0, done.stderr
        return done.stdout

    secret = json.loads(webhook("set", "FOUSSIER", hook.url, "--header", "X-Key: hush", "--json"))[
        "secret"
    ]
    assert secret.startswith("whsec_")
    shown = webhook("show", "FOUSSIER") + webhook("show", "FOUSSIER", "--json")
    assert hook.url in shown
    assert "X-Key" in shown
    assert secret not in shown
    assert "hush" not in shown
    assert webhook("rotate", "FOUSSIER").startswith("Secret, shown only once: whsec_")
    assert webhook("ping", "FOUSSIER").startswith("The endpoint answered 204.")
    ((headers, parameters),) = hook.calls
    assert headers["x-key"] == "hush"
    assert headers["webhook-signature"].count("v1,") == 2
    assert {name: value for name, value in parameters.items() if value} == {"event_type": "ping"}
    assert hook.url in webhook("deliveries", "FOUSSIER")
    for which in (("--failed",), ("--since", "2026-01-01T00:00:00+01:00")):
        assert webhook("replay", "FOUSSIER", *which) == "Replaying 0 events.\n"
    assert (
        webhook("set", "FOUSSIER", hook.url + "2")
        == f"Webhooks of FOUSSIER are sent to {hook.url}2.\n"
    )
    webhook("remove", "FOUSSIER")
    assert "has no webhook endpoint" in gerance("partners", "webhook", "show", "FOUSSIER").stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("set", "FOUSSIER", "http://127.0.0.1/hook"), "127.0.0.1 is not called"),
        (("set", "FOUSSIER", "ftp://x.example/"), "does not begin with http:// or https://"),
        (
            ("set", "FOUSSIER", "https://x.example/", "--header", "Host: x"),
            "Host is set by the server",
        ),
        (("set", "NONE", "https://x.example/"), "no partner with the code NONE"),
        (("ping", "FOUSSIER"), "has no webhook endpoint"),
    ],
)
def test_what_cannot_be_is_refused(gerance: Gerance, arguments: tuple[str, ...], told: str) -> None:
    done = gerance("partners", "webhook", *arguments)
    assert done.returncode == 1
    assert told in done.stderr


def test_a_ping_that_fails_is_a_failure(gerance: Gerance, hook: Hook) -> None:
    hook.server_close()
    gerance("partners", "webhook", "set", "FOUSSIER", hook.url, **HERE)
    done = gerance("partners", "webhook", "ping", "FOUSSIER", **HERE)
    assert done.returncode == 1
    assert "did not accept the message" in done.stderr
