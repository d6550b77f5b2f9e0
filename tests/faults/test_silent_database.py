"""The network to the database goes silent: every request is answered, `/ready` says so, and the
server can be stopped."""

import asyncio
import signal
import socket
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import httpx2
import psycopg
import pytest
from tests.app import in_patrimony, new_uid, opening
from tests.cli.conftest import COMMAND, clean_environment
from tests.cli.test_serve import free_port, until_ready
from tests.faults.silence import Line, line_to
from tests.living import running
from tests.partners.calling import add as add_partner
from tests.partners.calling import described
from tests.rentals.office import EVERYWHERE, PASSWORD
from tests.waiting import PATIENCE

from gerance.kernel import db
from gerance.kernel.db import brief_connection, conninfo, open_pool
from gerance.kernel.identity.accounts import add_user
from gerance.kernel.identity.integrators import add_integrator
from gerance.kernel.identity.sessions import open_session

CLIENTS = 6


class Clients(NamedTuple):
    """Credentials of each API: a user's session, an integrator's key, a partner's token."""

    cookie: str
    key: str
    token: str


class Served:
    """A server whose database is at the end of a line, and its clients."""

    def __init__(self, process: "subprocess.Popen[str]", port: int, admin: int, clients: Clients):
        self.process = process
        self.admin = f"http://127.0.0.1:{admin}"
        self.base = f"http://127.0.0.1:{port}"
        self.headers = {"Cookie": clients.cookie}
        self._clients = clients

    async def statuses(self, path: str, count: int = 1) -> list[int]:
        """What so many requests at once are answered."""
        async with httpx2.AsyncClient(timeout=PATIENCE, headers=self.headers) as client:
            answers = [client.get(f"{self.base}{path}") for _ in range(count)]
            return [answer.status_code for answer in await asyncio.gather(*answers)]

    async def requests(self) -> list[httpx2.Request]:
        """A read and a write of each API, by clients that have logged in."""
        proof = {"UserName": "office", "Password": PASSWORD}
        async with httpx2.AsyncClient(base_url=self.base, timeout=PATIENCE) as client:
            answer = await client.post(
                "/api/Token", json=proof, headers={"x-api-key": self._clients.key}
            )
            bearer = {"Authorization": f"Bearer {answer.json()['token']}"}
            partner = {
                "Authorization": f'Token token="{self._clients.token}"',
                "X-Forwarded-Proto": "https",
            }
            user, form = self.headers, {**self.headers, "Origin": self.base}
            supplier, lead = {"SupplierCode": "ROY", "Name": "Roy"}, described()
            command = opening(in_patrimony(new_uid()))
            hook, proposal = {"url": "https://hooks.invalid/"}, {"message": "From: a@b.example"}
            request = client.build_request
            return [
                request("GET", "/api/Suppliers", headers=bearer),
                request("POST", "/api/Suppliers", headers=bearer, json=supplier),
                request("GET", "/v1/billing-files", headers=partner),
                request("POST", "/v1/leads", headers=partner, json=lead),
                request("GET", "/console/proposals", headers=user),
                request("POST", "/console/proposals", headers=form, data=proposal),
                request("GET", "/api/v1/events", headers=user),
                request("GET", "/api/v1/tickets", headers=user),
                request("POST", "/api/vEvent/tickets", headers=user, json=command),
                request("POST", "/api/v1/subscriptions", headers=user, json=hook),
            ]

    async def answered(self, requests: list[httpx2.Request]) -> dict[str, int]:
        """The status of each request, sent at once."""
        async with httpx2.AsyncClient(timeout=PATIENCE) as client:
            answers = await asyncio.gather(*[client.send(each) for each in requests])
        return {f"{each.request.method} {each.url.path}": each.status_code for each in answers}

    async def ready(self) -> list[int]:
        async with httpx2.AsyncClient(timeout=PATIENCE) as client:
            answers = [client.get(f"{each}/ready") for each in (self.base, self.admin)]
            return [answer.status_code for answer in await asyncio.gather(*answers)]


async def session(database: str) -> tuple[str, str]:
    async with await psycopg.AsyncConnection.connect(database, autocommit=True) as connection:
        uid = await add_user(
            connection, kind="superUser", login="root@silent.example",
            password="a password for silence", first_name="Zoé", last_name="Testeur",
        )  # fmt: skip
        key = await add_integrator(
            connection, user_name="office", password=PASSWORD, scope=EVERYWHERE
        )
        return f"PI_SESSION={await open_session(connection, uid, lifetime=3600)}", key


@pytest.fixture(scope="module")
def clients(database: str) -> Clients:
    cookie, key = asyncio.run(session(database))
    return Clients(cookie, key, add_partner(database, "FOUSSIER", "Foussier"))


@contextmanager
def serving(line: Line, home: Path, clients: Clients) -> Iterator[Served]:
    port, admin = free_port(), free_port()
    environment = clean_environment(
        GERANCE_DATABASE_URL=line.url, GERANCE_HOME=str(home), GERANCE_STATEMENT_TIMEOUT_MS="2000"
    )
    command = f"{COMMAND} serve --port {port} --admin-port {admin}".split()
    with (
        (home / "log").open("w") as log,
        subprocess.Popen(command, stderr=log, text=True, env=environment) as process,
    ):
        try:
            until_ready(f"http://127.0.0.1:{port}/ready", process)
            yield Served(process, port, admin, clients)
        finally:
            process.kill()


@pytest.fixture
def line(database: str) -> Iterator[Line]:
    with line_to(database) as made:
        yield made


def test_every_request_is_answered_during_the_silence_and_well_after_it(
    line: Line, tmp_path: Path, clients: Clients
) -> None:
    async def story(served: Served) -> None:
        assert set(await served.statuses("/api/v1/tickets", CLIENTS)) == {200}
        assert await served.ready() == [200, 200]
        requests = await served.requests()
        reads = [each for each in requests if each.method == "GET"]
        assert set((await served.answered(reads)).values()) == {200}
        line.fall_silent()
        paths = ("/api/v1/tickets", "/api/v1/tickets/stats", "/api/v1/tickets/export")
        asked = [served.statuses(path, CLIENTS) for path in paths]
        during, each, *others = await asyncio.gather(
            served.ready(), served.answered(requests), *asked
        )
        assert during == [503, 503]
        assert each == dict.fromkeys(each, 503)
        assert len(each) == len(requests)
        assert {status for found in others for status in found} == {503}
        line.speak_again()
        async with asyncio.timeout(PATIENCE):
            while set(await served.statuses("/api/v1/tickets", CLIENTS)) != {200}:
                pass
            while await served.ready() != [200, 200]:
                pass

    with serving(line, tmp_path, clients) as served:
        asyncio.run(story(served))


def test_whoever_logs_in_does_not_wait_for_a_statement_that_may_take_an_hour(
    line: Line, tmp_path: Path, clients: Clients
) -> None:
    """The checks of credentials have a deadline of their own."""
    proof = {"login": "root@silent.example", "password": "a password for silence"}
    office, key = {"UserName": "office", "Password": PASSWORD}, {"x-api-key": clients.key}
    partner = {"Authorization": f'Token token="{clients.token}"'}
    form = {"Origin": "http://testserver"}
    with running(
        line.url, tmp_path, statement_timeout_ms=3_600_000, partners_plain_http="allow"
    ) as http:
        line.fall_silent()
        try:
            with ThreadPoolExecutor() as threads:
                answers = [
                    threads.submit(http.post, "/api/v1/login", json=proof),
                    threads.submit(http.post, "/console/login", data=proof, headers=form),
                    threads.submit(http.post, "/api/Token", json=office, headers=key),
                    threads.submit(http.get, "/v1/billing-files", headers=partner),
                    threads.submit(http.get, "/api/v1/tickets", headers={"Cookie": clients.cookie}),
                ]
                statuses = [each.result(PATIENCE).status_code for each in answers]
        finally:
            line.speak_again()
        assert statuses == [503] * len(answers)


def test_a_list_that_the_silence_interrupts_is_not_called_too_slow(
    line: Line, database: str, tmp_path: Path, clients: Clients
) -> None:
    async def story(served: Served) -> None:
        requests = [each for each in await served.requests() if each.url.path == "/api/Suppliers"]
        (list_request,) = [each for each in requests if each.method == "GET"]
        async with await psycopg.AsyncConnection.connect(database) as owner:
            await owner.execute("LOCK TABLE rentals.supplier")
            answer = asyncio.create_task(served.answered([list_request]))
            waiting = "SELECT FROM pg_locks WHERE NOT granted AND relation = %s::regclass"
            while not (await owner.execute(waiting, ["rentals.supplier"])).rowcount:
                pass
            line.fall_silent()
            assert await answer == {"GET /api/Suppliers": 503}

    with serving(line, tmp_path, clients) as served:
        asyncio.run(story(served))


def test_a_server_whose_database_is_silent_ends_on_a_signal(
    line: Line, tmp_path: Path, clients: Clients
) -> None:
    async def ask_and_stop(served: Served) -> None:
        line.fall_silent()
        asked = [
            asyncio.ensure_future(served.statuses(path, CLIENTS))
            for path in ("/api/v1/tickets", "/api/v1/tickets/export")
        ]
        assert await served.ready() == [503, 503]
        served.process.send_signal(signal.SIGTERM)
        await asyncio.to_thread(served.process.wait, PATIENCE / 2)
        answered = await asyncio.gather(*asked)
        assert {status for found in answered for status in found} == {503}

    with serving(line, tmp_path, clients) as served:
        asyncio.run(ask_and_stop(served))
    said = (tmp_path / "log").read_text()
    assert served.process.returncode == 0, said
    assert "Traceback" not in said


def test_a_statement_that_is_not_answered_ends_with_its_connection(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "SILENCE_SECONDS", 0.2)

    async def story() -> None:
        async with open_pool(line.url, size=4, statement_timeout_ms=100) as pool:
            await pool.wait()
            async with pool.connection() as connection:
                line.fall_silent()
                with pytest.raises(psycopg.OperationalError, match="did not answer"):
                    await connection.execute("SELECT 1")
                assert connection.closed
            line.speak_again()
            async with pool.connection() as connection:
                assert await (await connection.execute("SELECT 1")).fetchone() == (1,)

    asyncio.run(asyncio.wait_for(story(), PATIENCE))


def test_a_brief_connection_ends_in_time(line: Line) -> None:
    def ask() -> None:
        with brief_connection(line.url, 0.3) as connection:
            line.fall_silent()
            connection.execute("SELECT 1")

    with pytest.raises(psycopg.OperationalError):
        ask()


def test_the_network_is_asked_to_notice_a_peer_that_is_gone(line: Line) -> None:
    with psycopg.connect(conninfo(line.url)) as connection, socket.socket(
        fileno=socket.dup(connection.fileno())
    ) as peer:  # fmt: skip
        assert peer.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        assert peer.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 10_000
    assert "tcp_user_timeout=7" in conninfo(f"{line.url}?tcp_user_timeout=7")
