"""A partner programme as it runs in production, but for its clock: the application with its loops,
the command line, a partner who calls, fetches and puts files by SFTP, and takes webhooks."""

import asyncio
import json
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qsl

import asyncssh
import psycopg
import pytest
from anyio.from_thread import start_blocking_portal
from standardwebhooks import Webhook, WebhookVerificationError
from tests.kernel.webhooks.engine import LOOPBACK
from tests.partners.calling import Partner, serving
from tests.receiving import Received, Receiver, receiving
from tests.travelling import travelled
from tests.waiting import until
from typer.testing import CliRunner

from gerance import worker
from gerance.cli import app as command_line
from gerance.partners.billing_exchange.host_key import host_key

T = TypeVar("T")
CODE = "FOUSSIER"
PASSWORD = "correct horse battery"


class Programme:
    """One partner, FOUSSIER, and the installation that it has to do with."""

    def __init__(self, database: str, home: Path, clock: Any, hook: Receiver) -> None:
        self._database, self._home, self._clock = database, home, clock
        self._hook = hook
        self._running = ExitStack()
        self._sftp_port, self._runs = 0, False
        self.partner: Partner
        token = self.told("add", CODE, "--source", "Foussier")["token"]
        self.gerance("file-access", CODE, "--password-stdin", stdin=PASSWORD)
        self._secret = Webhook(self.told("webhook", "set", CODE, hook.url)["secret"])
        self._token = str(token)
        hook.answer = self._take

    def start(self) -> None:
        """The server runs, with its background loops and SFTP."""
        with closing(socket.create_server(("127.0.0.1", 0))) as free:
            self._sftp_port = free.getsockname()[1]
        http = self._running.enter_context(
            serving(
                self._database, self._home, jobs_inside=True, sftp_port=self._sftp_port,
                webhook_networks=LOOPBACK,
            )
        )  # fmt: skip
        self.partner = Partner(http, CODE, self._token)
        self._runs = True
        self._until(self._is_at_its_day)

    def stop(self) -> None:
        """The server stops."""
        self._runs = False
        self._running.close()

    def go_to(self, day: str) -> None:
        """It is that day, at nine, and what became due is written if the server runs."""
        if self._runs:
            self.heard()
        self._clock.move_to(datetime.fromisoformat(f"{day}T09:00:00").replace(tzinfo=UTC))
        if self._runs:
            self._until(self._is_at_its_day)

    def gerance(self, *arguments: str, stdin: str = "") -> str:
        """What `gerance partners ...` prints."""
        settings = {"DATABASE_URL": self._database, "HOME": str(self._home)}
        settings["WEBHOOK_NETWORKS"] = ",".join(LOOPBACK)
        done = CliRunner().invoke(
            command_line,
            ["partners", *arguments],
            input=stdin,
            env={f"GERANCE_{name}": value for name, value in settings.items()},
        )
        assert done.exit_code == 0, (arguments, done.output, done.exception)
        return done.stdout

    def told(self, *arguments: str) -> Any:
        """What it answers in JSON, among what the server logs."""
        lines = self.gerance(*arguments, "--json").splitlines()
        return next(json.loads(line) for line in lines if line.startswith(("{", "[")))

    def fetch(self, name: str) -> bytes:
        """A file of /outbox, by SFTP."""

        async def get(sftp: asyncssh.SFTPClient) -> bytes:
            async with sftp.open(f"/outbox/{name}", "rb") as file:
                return await file.read()

        return self._by_sftp(get)

    def put(self, name: str, content: str) -> None:
        """A file into /inbox, by SFTP; it is read then."""

        async def put(sftp: asyncssh.SFTPClient) -> None:
            async with sftp.open(f"/inbox/{name}", "wb") as file:
                await file.write(content.encode())

        self._by_sftp(put)
        self._until(lambda: self._asked("from partner_return_file where name = %s", name))

    def heard(self) -> list[dict[str, str]]:
        """The parameters of all webhooks so far, whose signatures were good, once nothing more is
        to be told."""
        self._until(lambda: not self._asked("from outbox"))
        return [dict(parse_qsl(each.body.decode(), True, True)) for each in self._hook.received]

    def _take(self, received: Received) -> int:
        """Answers a webhook as a partner who verifies what it gets."""
        try:
            self._secret.verify(received.body, received.headers)
        except json.JSONDecodeError:
            # The signature is good: what the library reads then is a form, no JSON.
            return 204
        except WebhookVerificationError:
            return 401
        raise AssertionError("a form is no JSON")

    def _by_sftp(self, act: Callable[[asyncssh.SFTPClient], Awaitable[T]]) -> T:
        async def acted() -> T:
            async with (
                asyncssh.connect(
                    "127.0.0.1",
                    self._sftp_port,
                    username=CODE,
                    password=PASSWORD,
                    known_hosts=([host_key(self._home).convert_to_public()], [], []),
                    client_keys=None,
                    config=None,
                    agent_path=None,
                ) as connection,
                connection.start_sftp_client() as sftp,
            ):
                return await act(sftp)

        self._until(self._serves_files)
        return asyncio.run(acted())

    def _serves_files(self) -> bool:
        with socket.socket() as trying:
            return trying.connect_ex(("127.0.0.1", self._sftp_port)) == 0

    def _is_at_its_day(self) -> bool:
        today = datetime.now(UTC).date()
        return self._asked("from scheduled_job where name = 'partners' and day >= %s", today)

    def _asked(self, what: str, *params: Any) -> bool:
        """Whether there are such rows."""
        with psycopg.connect(self._database) as connection:
            return connection.execute(f"select {what} limit 1", params).fetchone() is not None

    def _until(self, condition: Callable[[], bool]) -> None:
        until(condition)


@contextmanager
def programme(database: str, home: Path, begin: str) -> Iterator[Programme]:
    """A programme on an empty database that begins on a day; its server does not run yet.

    The day is of the past, as files and rows that say when they were written tell the real time.
    """
    with (
        pytest.MonkeyPatch.context() as patch,
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(receiving()) as hook,
        travelled(f"{begin}T09:00:00Z") as clock,
    ):
        patch.setattr(worker, "PAUSE_SECONDS", 0.02)
        made = Programme(database, home, clock, hook)
        try:
            yield made
        finally:
            made.stop()
