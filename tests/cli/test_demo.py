"""`gerance demo`, as a newcomer runs it: up with data, then gone without a trace but the data."""

import asyncio
import json
import re
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from http.client import HTTPResponse
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from tests.cli.conftest import COMMAND, clean_environment
from tests.waiting import PATIENCE, until

from gerance.kernel.embedded.leftover import recorded_pid

STOP_SECONDS = 120


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """One home for all tests of this module: the data are loaded once."""
    place = Path(tempfile.mkdtemp(prefix="gerance-tests-"))
    yield place
    shutil.rmtree(place)


@contextmanager
def started(
    home: Path, *arguments: str, stderr: int | None = subprocess.PIPE
) -> Iterator["subprocess.Popen[str]"]:
    """A demonstration. One that is asked a lot is not given a pipe for its log, which nobody reads
    meanwhile: it would stand still once the pipe is full."""
    process = subprocess.Popen(
        [COMMAND, "demo", "--home", str(home), "--port", "0", "--admin-port", "0", *arguments],
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
        env=clean_environment(),
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def stop(process: "subprocess.Popen[str]", how: signal.Signals) -> tuple[int, str, str]:
    """Exit code and the rest of both outputs, after a signal."""
    process.send_signal(how)
    out, err = process.communicate(timeout=STOP_SECONDS)
    return process.returncode, out, err


def installation(process: "subprocess.Popen[str]") -> dict[str, Any]:
    assert process.stdout
    line = process.stdout.readline()
    told: dict[str, Any] = json.loads(line) if line else {"stderr": process.communicate()[1]}
    assert "url" in told, told
    return told


def log_in(told: dict[str, Any], kind: str, context: ssl.SSLContext | None = None) -> HTTPResponse:
    request = urllib.request.Request(
        f"{told['url']}/api/vEvent/login",
        data=json.dumps(told["accounts"][kind]).encode(),
        headers={"Content-Type": "application/json"},
    )
    answer: HTTPResponse = urllib.request.urlopen(request, timeout=PATIENCE, context=context)
    return answer


def ask(told: dict[str, Any], path: str) -> HTTPResponse:
    """What the demonstration's partner is answered."""
    request = urllib.request.Request(
        f"{told['url']}{path}",
        headers={"Authorization": f'Token token="{told["accounts"]["partner"]["token"]}"'},
    )
    answer: HTTPResponse = urllib.request.urlopen(request, timeout=PATIENCE)
    return answer


def ask_token(told: dict[str, Any]) -> HTTPResponse:
    integrator = told["accounts"]["integrator"]
    body = {"UserName": integrator["userName"], "Password": integrator["password"]}
    request = urllib.request.Request(
        f"{told['url']}/api/Token",
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json", "x-api-key": integrator["apiKey"]},
    )
    answer: HTTPResponse = urllib.request.urlopen(request, timeout=PATIENCE)
    return answer


def served(home: Path, port: int) -> str:
    """The name of last month's bill of the partner, once it can be fetched: the background loops
    bring it and serve it right after requests are answered."""
    name = f"FOUSSIER_{last_month()}_clients-a-facturer.csv"

    def listening() -> bool:
        with socket.socket() as client:
            return client.connect_ex(("127.0.0.1", port)) == 0

    until((home / "partners/FOUSSIER/outbox" / f"{name}.sha256").exists)
    until(listening)
    return name


async def fetched(partner: dict[str, Any], *names: str) -> list[bytes]:
    """Files in /outbox of the partner's folder, as an SFTP client has them."""
    async with (
        asyncssh.connect(
            "127.0.0.1",
            partner["sftpPort"],
            username=partner["sftpUser"],
            password=partner["sftpPassword"],
            known_hosts=None,
            config=None,
            agent_path=None,
        ) as connection,
        connection.start_sftp_client() as sftp,
    ):
        return [await contents(sftp, f"/outbox/{name}") for name in names]


async def contents(sftp: asyncssh.SFTPClient, path: str) -> bytes:
    async with sftp.open(path, "rb") as file:
        return await file.read()


def last_month() -> str:
    return f"{datetime.now(UTC).date().replace(day=1) - timedelta(days=1):%Y-%m}"


def test_its_partner_fetches_last_month_s_bill_by_sftp(home: Path) -> None:
    with started(home, "--json") as process:
        told = installation(process)
        partner = told["accounts"]["partner"]
        assert set(partner) == {
            "code", "source", "token", "sftpUser", "sftpPassword", "sftpPort",
        }  # fmt: skip
        name = served(home, partner["sftpPort"])
        bill, checksum = asyncio.run(fetched(partner, name, f"{name}.sha256"))
        assert checksum.split()[0] == sha256(bill).hexdigest().encode()
        with ask(told, f"/v1/billing-files/{name}") as answer:
            assert answer.read() == bill
        lines = bill.decode("utf-8-sig").splitlines()
        assert len(lines) > 30
        assert all(line.startswith(f"{last_month()};FOUSSIER;") for line in lines[1:])
        assert stop(process, signal.SIGTERM)[0] == 0


def test_it_serves_stops_and_keeps_the_data(home: Path) -> None:
    with started(home, "--json") as process:
        told = installation(process)
        assert set(told) >= {"url", "accounts", "database", "home", "admin", "sample"}
        kinds = ["superUser", "callCenterUser", "clientAccountManager", "executive"]
        for kind in kinds:
            with log_in(told, kind) as answer:
                assert answer.status == 200
                assert answer.headers["Set-Cookie"].startswith("PI_SESSION=")
        assert set(told["accounts"]) == {*kinds, "integrator", "partner"}
        with ask_token(told) as answer:
            assert json.load(answer)["tokenType"] == "Bearer"
        with ask(told, "/v1/customers") as answer:
            assert json.load(answer)["customers"][0]["status"]
        with urllib.request.urlopen(f"{told['admin']}/ready", timeout=PATIENCE) as answer:
            assert json.load(answer)["status"] == "ready"
        code, out, err = stop(process, signal.SIGTERM)
        assert (code, out) == (0, ""), err
    assert recorded_pid(home / "postgres") == []

    with started(home, "--json") as process:
        again = installation(process)
        for each in (told, again):
            assert each["accounts"]["partner"].pop("sftpPort") > 0
        assert again["accounts"] == told["accounts"]
        assert stop(process, signal.SIGINT)[0] == 0
    assert recorded_pid(home / "postgres") == []


def test_tls_is_trusted_with_its_own_certificate(home: Path) -> None:
    with started(home, "--json", "--tls") as process:
        told = installation(process)
        assert told["url"].startswith("https://")
        trust = ssl.create_default_context(cafile=str(home / "tls" / "cert.pem"))
        with log_in(told, "callCenterUser", trust) as answer:
            assert "Secure" in answer.headers["Set-Cookie"]
        assert (home / "tls" / "key.pem").stat().st_mode & 0o777 == 0o600
        assert stop(process, signal.SIGTERM)[0] == 0


def fetch_by_sftp(place: Path, *, password: str, command: str) -> None:
    """Run what fetches the billing files, as somebody who types the password."""
    (place / "password").write_text(f"#!/bin/sh\necho '{password}'\n")
    (place / "password").chmod(0o700)
    asked = {"SSH_ASKPASS": str(place / "password"), "SSH_ASKPASS_REQUIRE": "force"}
    unknown = "-F none -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null"
    subprocess.run(
        ["bash", "-c", command.replace("sftp", f"sftp {unknown}", 1)],
        cwd=place,
        env=clean_environment(**asked),
        capture_output=True,
        timeout=PATIENCE,
        check=True,
    )


def test_people_get_addresses_accounts_and_requests_to_copy(home: Path, tmp_path: Path) -> None:
    with started(home) as process:
        assert process.stdout
        lines: list[str] = []
        while not any("Ctrl-C" in line for line in lines):
            lines.append(process.stdout.readline())
            assert lines[-1], process.communicate()[1]
        text = "".join(lines)
        assert "/api/vEvent/login" in text
        assert "callCenterUser" in text
        assert "Authorization: Bearer" in text
        fetches = re.search(r"password is (\S+)\n\n *(sftp -P (\d+) .*)\n", text)
        assert fetches is not None
        if shutil.which("sftp") is not None:
            name = served(home, int(fetches[3]))
            fetch_by_sftp(tmp_path, password=fetches[1], command=fetches[2])
            assert (tmp_path / name).stat().st_size > 5000
        asks_for_token = text[text.index("token=$(") : text.index("/api/Token)")] + "/api/Token)"
        script = f'{asks_for_token}; printf %s "$token"'
        token = subprocess.run(
            ["bash", "-eu", "-c", script],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=True,
        ).stdout
        assert token.count(".") == 2
        assert stop(process, signal.SIGTERM)[0] == 0


def test_a_signal_while_it_loads_leaves_nothing_running() -> None:
    home = Path(tempfile.mkdtemp(prefix="gerance-tests-"))
    try:
        with started(home, "--scale", "50", "--json") as process:
            until(lambda: process.poll() is not None or len(recorded_pid(home / "postgres")) >= 8)
            assert process.poll() is None
            code, out, _ = stop(process, signal.SIGTERM)
        assert (code, out) == (128 + signal.SIGTERM, "")
        assert recorded_pid(home / "postgres") == []
    finally:
        shutil.rmtree(home)


def test_a_taken_port_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        refused = subprocess.run(
            [COMMAND, "demo", "--home", str(tmp_path / "home"), "--port", port],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
            env=clean_environment(),
        )
    assert refused.returncode == 1
    assert f"port {port} on 127.0.0.1 is in use" in refused.stderr
    assert not (tmp_path / "home").exists()
