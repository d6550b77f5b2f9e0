"""The admin port: `/metrics`, `/live` and `/ready`, apart from what clients reach.

It runs in a thread of the process that supervises the others, so it answers while they are busy.
"""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from socket import socket
from socketserver import TCPServer, ThreadingMixIn
from urllib.parse import urlsplit

import psycopg
import structlog

from gerance import migrations
from gerance.kernel import metrics
from gerance.kernel.db import MODE, READY_SECONDS, brief_connection

Answer = tuple[HTTPStatus, str, bytes]
Figures = Callable[[str], bytes]
"""More of `/metrics`, of what the database at a URL holds."""

_log = structlog.get_logger(__name__)


@contextmanager
def admin_port(listener: socket, database_url: str, figures: Figures) -> Iterator[threading.Event]:
    """Serve the admin port on a bound socket, for the time of the block.

    Gives an event to be set when the process begins to stop: it is not ready then.
    """

    server = _AdminServer(listener.getsockname()[:2], _Handler, bind_and_activate=False)
    server.socket.close()
    server.socket = listener
    server.database_url, server.figures = database_url, figures
    server.stop_event = threading.Event()
    server.server_activate()
    thread = threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True)
    thread.start()
    try:
        yield server.stop_event
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def answer(path: str, database_url: str, figures: Figures, *, is_stopping: bool = False) -> Answer:
    """What one of the three paths says; 404 for others."""
    match path:
        case "/ready" if is_stopping:
            return _json(HTTPStatus.SERVICE_UNAVAILABLE, {"status": "stopping", "checks": {}})
        case "/metrics":
            body, content_type = metrics.render()
            return HTTPStatus.OK, content_type, body + figures(database_url)
        case "/live":
            return _json(HTTPStatus.OK, {"status": "live"})
        case "/ready":
            return _ready(database_url)
    return _json(HTTPStatus.NOT_FOUND, {"message": "Here are /metrics, /live and /ready."})


def _ready(database_url: str) -> Answer:
    """200 when requests can be served, else 503; `checks` says which check failed, and why.

    A read-only database serves reads, so it is ready; `database` names the mode.
    """
    checks: dict[str, str] = {}
    try:
        with brief_connection(database_url, READY_SECONDS) as connection:
            mode = connection.execute(MODE).fetchone()
            missing = migrations.pending_after(migrations.revision(connection))
    except psycopg.Error as error:
        _log.warning("not ready", check="database", error=str(error))
        checks = {"database": "does not answer", "migrations": "unknown"}
    else:
        checks = {
            "database": "read-only" if mode == (True,) else "ok",
            "migrations": f"pending: {', '.join(missing)}" if missing else "ok",
        }
    ready = set(checks.values()) <= {"ok", "read-only"}
    return _json(
        HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE,
        {"status": "ready" if ready else "not ready", "checks": checks},
    )


def _json(status: HTTPStatus, content: Mapping[str, object]) -> Answer:
    return status, "application/json", json.dumps(content).encode()


class _AdminServer(ThreadingMixIn, TCPServer):
    daemon_threads = True
    database_url: str
    figures: Figures
    stop_event: threading.Event


class _Handler(BaseHTTPRequestHandler):
    server: _AdminServer
    timeout = 10

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """What the base class would write to stderr by itself."""
        _log.debug("admin port", said=format % args)

    def do_GET(self) -> None:
        try:
            status, content_type, body = answer(
                urlsplit(self.path).path,
                self.server.database_url,
                self.server.figures,
                is_stopping=self.server.stop_event.is_set(),
            )
        except Exception:
            # Any exception: monitoring gets an answer, and the thread of the port continues.
            _log.exception("admin port failed", path=self.path)
            status, content_type, body = _json(
                HTTPStatus.INTERNAL_SERVER_ERROR, {"message": "See the log."}
            )
        self.send_response_only(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)
