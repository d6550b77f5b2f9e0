"""`gerance serve` starts only on a migrated database, with one process or several."""

import signal
import socket
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

import psycopg
import pytest
from tests.cli.conftest import COMMAND, Gerance, clean_environment
from tests.waiting import PATIENCE, until

from gerance.cli.certificate import self_signed


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def until_ready(url: str, process: "subprocess.Popen[str]") -> None:
    def ready() -> bool:
        assert process.poll() is None, process.communicate()[1]
        try:
            with urllib.request.urlopen(url, timeout=PATIENCE):
                return True
        except (urllib.error.URLError, ConnectionError):
            return False

    until(ready)


@pytest.mark.parametrize("workers", [1, 2])
def test_it_serves_until_a_signal(database: str, tmp_path: Path, workers: int) -> None:
    port, admin = free_port(), free_port()
    command = f"{COMMAND} serve --port {port} --admin-port {admin} --workers {workers}".split()
    environment = clean_environment(GERANCE_DATABASE_URL=database, GERANCE_HOME=str(tmp_path))
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as process:
        try:
            until_ready(f"http://127.0.0.1:{port}/live", process)
            with urllib.request.urlopen(
                f"http://127.0.0.1:{port}/ready", timeout=PATIENCE
            ) as answer:
                assert answer.status == 200
                assert "server" not in answer.headers
            with urllib.request.urlopen(
                f"http://127.0.0.1:{admin}/metrics", timeout=PATIENCE
            ) as answer:
                assert b"gerance_http_requests_total" in answer.read()
            process.send_signal(signal.SIGTERM)
            _, err = process.communicate(timeout=PATIENCE)
            assert process.returncode == 0, err
            assert "Traceback" not in err
        finally:
            process.kill()


def test_workers_end_with_a_supervisor_that_is_killed(database: str, tmp_path: Path) -> None:
    port = free_port()
    command = f"{COMMAND} serve --port {port} --admin-port 0 --workers 2".split()
    environment = clean_environment(GERANCE_DATABASE_URL=database, GERANCE_HOME=str(tmp_path))
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as process:
        until_ready(f"http://127.0.0.1:{port}/live", process)
        process.kill()
        # The end of what they write to is theirs too.
        _, err = process.communicate(timeout=PATIENCE)
    assert "Traceback" not in err
    with pytest.raises(urllib.error.URLError, match="refused"):
        urllib.request.urlopen(f"http://127.0.0.1:{port}/live", timeout=PATIENCE)


def test_a_worker_tells_what_it_counted(database: str, tmp_path: Path) -> None:
    admin = free_port()
    environment = clean_environment(GERANCE_DATABASE_URL=database, GERANCE_HOME=str(tmp_path))
    command = [COMMAND, "worker", "--admin-port", str(admin)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as process:
        try:
            until_ready(f"http://127.0.0.1:{admin}/live", process)
            with urllib.request.urlopen(
                f"http://127.0.0.1:{admin}/metrics", timeout=PATIENCE
            ) as answer:
                told = answer.read()
            process.send_signal(signal.SIGTERM)
            _, err = process.communicate(timeout=PATIENCE)
            assert process.returncode == 0, err
        finally:
            process.kill()
    assert b"gerance_deliveries_total" in told
    assert b"gerance_endpoints" in told


@pytest.mark.parametrize(
    ("command", "advice"),
    [
        ("serve --port 0", "run `gerance db upgrade`, or add --upgrade\n"),
        ("worker", "run `gerance db upgrade`\n"),
        ("sftp --port 0", "run `gerance db upgrade`\n"),
        (
            "mail listen --port 0 --recipient us@example.org --require-dkim",
            "run `gerance db upgrade`\n",
        ),
    ],
)
def test_pending_migrations_are_refused(
    gerance: Gerance, database: str, command: str, advice: str
) -> None:
    with psycopg.connect(database) as connection:
        connection.execute("alter table alembic_version rename to hidden")
    try:
        refused = gerance(*command.split())
    finally:
        with psycopg.connect(database) as connection:
            connection.execute("alter table hidden rename to alembic_version")
    assert refused.returncode == 1
    assert refused.stderr.startswith(
        "gerance: the database schema is out of date (pending migrations: 00"
    )
    assert refused.stderr.endswith(advice)


def test_a_taken_port_is_told(gerance: Gerance) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        refused = gerance("serve", "--port", port)
    assert refused.returncode == 1
    assert f"port {port} on 127.0.0.1 is in use" in refused.stderr


def test_a_certificate_that_does_not_fit_its_key_is_told(gerance: Gerance, tmp_path: Path) -> None:
    certificate, _ = self_signed(tmp_path / "a", "localhost")
    _, key = self_signed(tmp_path / "b", "localhost")
    refused = gerance("serve", "--port", "0", "--tls-cert", str(certificate), "--tls-key", str(key))
    assert refused.returncode == 1
    assert "cannot be used" in refused.stderr
    assert "Traceback" not in refused.stderr
