"""The admin port says whether the server lives, whether it is ready, and what it has counted."""

import json
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from tests.waiting import PATIENCE

from gerance import gauges
from gerance.kernel import metrics
from gerance.kernel.http.admin import admin_port


@contextmanager
def served(database_url: str) -> Iterator[str]:
    listener = socket.create_server(("127.0.0.1", 0))
    with admin_port(listener, database_url, gauges.render):
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def get(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, timeout=PATIENCE) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_it_lives_and_is_ready(database: str) -> None:
    with served(database) as base:
        assert get(f"{base}/live") == (200, '{"status": "live"}')
        status, body = get(f"{base}/ready")
        assert (status, json.loads(body)["checks"]) == (200, {"database": "ok", "migrations": "ok"})
        assert get(f"{base}/else")[0] == 404


def test_it_is_not_ready_without_a_database() -> None:
    with served("postgresql://nobody@/none?host=/nowhere") as base:
        assert get(f"{base}/live")[0] == 200
        status, body = get(f"{base}/ready")
    assert status == 503
    assert json.loads(body)["checks"]["database"] == "does not answer"


def test_it_is_not_ready_with_a_pending_migration(database: str) -> None:
    with psycopg.connect(database) as connection:
        connection.execute("delete from alembic_version")
    try:
        with served(database) as base:
            status, body = get(f"{base}/ready")
    finally:
        with psycopg.connect(database) as connection:
            connection.execute("insert into alembic_version values ('0013_daily_job')")
    assert status == 503
    assert "0013_daily_job" in json.loads(body)["checks"]["migrations"]


def test_it_tells_what_was_counted() -> None:
    metrics.observe_request("GET", "/api/v1/tickets/{uid}", 200, 0.003)
    metrics.count_command("told", "accepted")
    metrics.record_pool({"pool_size": 4, "pool_available": 3, "requests_waiting": 0})
    with served("postgresql://nobody@/none?host=/nowhere") as base:
        status, text = get(f"{base}/metrics")
    assert status == 200
    assert 'route="/api/v1/tickets/{uid}",status="200"}' in text
    assert 'gerance_commands_total{category="told",outcome="accepted"} 1.0' in text
    assert 'gerance_db_pool{state="available"} 3.0' in text
