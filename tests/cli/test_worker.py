"""`gerance worker`: any number of them share the work; stopped, they end their calls first."""

import asyncio
import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.cli.conftest import COMMAND, clean_environment
from tests.kernel.webhooks.engine import engine
from tests.waiting import PATIENCE, until_async

from gerance.incidents.subscriptions.flavour import FLAVOUR
from gerance.kernel.identity.accounts import add_user
from gerance.kernel.webhooks.endpoints import add_endpoint, subscribe
from gerance.kernel.webhooks.engine import MOST_PER_ENDPOINT

WORKERS = 2
EVENTS = MOST_PER_ENDPOINT + 8
"""More than one of them tells one endpoint at once."""


class Holding:
    """A receiver that answers nobody before it is `let`; `ids`: how often each was told."""

    def __init__(self) -> None:
        self.ids = Counter[str]()
        self.let = asyncio.Event()
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower():
                lines = dict(line.split(": ", 1) for line in head.split("\r\n") if ": " in line)
                await reader.readexactly(int(lines["content-length"]))
                self.ids[lines["webhook-id"]] += 1
                await self.let.wait()
                writer.write(b"HTTP/1.1 204 .\r\nContent-Length: 0\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def holding() -> AsyncIterator[Holding]:
    receiver = Holding()
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    try:
        yield receiver
    finally:
        server.close()


def test_workers_share_the_work_and_end_their_calls_when_they_are_stopped(
    database: str, tmp_path: Path
) -> None:
    environment = clean_environment(
        GERANCE_DATABASE_URL=database,
        GERANCE_HOME=str(tmp_path),
        GERANCE_WEBHOOK_NETWORKS="127.0.0.0/8",
        GERANCE_WEBHOOK_TIMEOUT_SECONDS="60",
    )

    async def story() -> None:
        async with holding() as receiver, engine(database) as it:
            async with it.pool.connection() as connection:
                owner = await add_user(
                    connection, kind="superUser", login="s@example.org", last_name="S",
                    first_name=None, password="long enough for all",
                )  # fmt: skip
                uid, _ = await add_endpoint(
                    connection, flavour=FLAVOUR, owner=owner, url=receiver.url
                )
                await subscribe(connection, uid, {"operator": None})
            workers = [
                await asyncio.create_subprocess_exec(
                    COMMAND, "worker", env=environment, stderr=asyncio.subprocess.PIPE
                )
                for _ in range(WORKERS)
            ]
            try:
                for _ in range(EVENTS):
                    await it.happen(category="operator")
                await until_async(lambda: len(receiver.ids) >= EVENTS)
                for worker in workers:
                    worker.send_signal(signal.SIGTERM)
                receiver.let.set()
                async with asyncio.timeout(PATIENCE):
                    told = [(await worker.communicate())[1].decode() for worker in workers]
            finally:
                for worker in workers:
                    if worker.returncode is None:
                        worker.kill()
            assert [worker.returncode for worker in workers] == [0] * WORKERS
            assert "Traceback" not in "".join(told)
            assert set(receiver.ids.values()) == {1}
            logged = await it.rows("SELECT outcome, count(*) FROM delivery GROUP BY 1")
            assert logged == [("delivered", EVENTS)]
            assert await it.rows("SELECT 1 FROM outbox") == []

    asyncio.run(story())
