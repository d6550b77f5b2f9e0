"""The receiver of the documentation takes calls, and none that is not signed."""

import asyncio
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.cli.conftest import clean_environment
from tests.partners.webhooks.living import CLIENT, World, within
from tests.waiting import until_async

PAGE = Path(__file__).parents[3] / "docs/how-to/integrate-as-a-partner.md"


@contextmanager
def receiver(directory: Path, secret: str) -> Iterator[tuple[int, "subprocess.Popen[str]"]]:
    """The program of the page, and its port."""
    fences = re.findall(
        r"^```python\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    (directory / "receive.py").write_text(next(f for f in fences if "is_ours" in f), "utf-8")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with subprocess.Popen(
        [sys.executable, "receive.py"],
        cwd=directory,
        env=clean_environment(SECRET=secret, PORT=str(port)),
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield port, process
        finally:
            process.kill()


async def listening(port: int) -> None:
    """Wait until somebody listens there."""

    async def accepted() -> bool:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            return False
        writer.close()
        return True

    await until_async(accepted)


def test_it_prints_each_event_of_a_life_and_no_forged_one(database: str, tmp_path: Path) -> None:
    async def told(world: World) -> tuple[list[str], set[int | None]]:
        secret = await world.address("http://127.0.0.1:9/")
        other = await world.address("http://127.0.0.1:9/", "LEGALLAIS")
        assert other != secret
        with receiver(tmp_path, secret) as (port, process):
            await listening(port)
            async with world.pool.connection() as connection:
                await connection.execute(
                    "update endpoint set url = %s", [f"http://127.0.0.1:{port}/"]
                )
            await world.live()
            await world.activate("2026-03-12", "x", "LEGALLAIS")
            await world.deliver()
            async with world.pool.connection() as connection:
                rows = await connection.execute(
                    "select status from delivery where owner = 'LEGALLAIS'"
                )
                forged = {status for (status,) in await rows.fetchall()}
            process.terminate()
            printed = process.stdout.read() if process.stdout else ""
            return printed.splitlines(), forged

    printed, forged = within(database, told)
    kinds = ("lead", "activated", "billed", "offered", "billed", "terminated")
    assert [line.split()[:2] for line in printed] == [[kind, CLIENT] for kind in kinds]
    assert printed[-1].endswith(" 2026-11-15")
    assert forged == {401}
