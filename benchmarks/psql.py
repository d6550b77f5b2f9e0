"""psql as a peer: what PostgreSQL by itself needs for a statement's rows.

One process of psql is kept. What is timed begins when the statement, with its parameters bound
(`\\bind`, so that it is planned as for a client that prepares nothing), is written to psql's input,
and ends when a mark behind it comes out. In between psql has sent the statement through the same
socket that the server uses, PostgreSQL has planned and executed it, and psql has read all rows and
printed them, unaligned and without a heading, to the null device.
"""

import asyncio
import subprocess
from collections.abc import Sequence
from pathlib import Path

from gerance.kernel.embedded.binaries import find_binaries
from gerance.kernel.odata.sql.statements import Statement

_MARK = b"done\n"


def script(statement: Statement) -> bytes:
    """What psql is told, to execute a statement once."""
    return f"{statement.sql} {_bound(statement.params)} \\g\n\\warn done\n".encode()


def _bound(params: Sequence[object]) -> str:
    quoted = ["'" + str(each).replace("\\", "\\\\").replace("'", "\\'") + "'" for each in params]
    return " ".join(["\\bind", *quoted])


class Psql:
    """One process, with a session like the server's."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def open(cls, url: str, output: str = "/dev/null") -> "Psql":
        """Connected; what it prints goes to `output`."""
        process = await asyncio.create_subprocess_exec(
            find_binaries() / "psql", "-XqAt", url,
            stdin=subprocess.PIPE, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        opened = cls(process)
        await opened.ask(f"SET timezone = 'UTC';\n\\o {output}\n\\warn done\n".encode())
        return opened

    async def ask(self, message: bytes) -> None:
        """Have a script executed; it ends with the mark."""
        stdin, stderr = self._process.stdin, self._process.stderr
        assert stdin is not None
        assert stderr is not None
        stdin.write(message)
        line = await stderr.readline()
        if line != _MARK:
            raise RuntimeError(f"psql: {line.decode()}")

    async def close(self) -> None:
        """Leave it; what it printed is in the output now."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self._process.wait()


async def print_rows(url: str, statement: Statement, output: Path) -> None:
    """Have psql print the rows into a file."""
    psql = await Psql.open(url, str(output))
    try:
        await psql.ask(script(statement))
    finally:
        await psql.close()


def printed(statement: Statement, output: Path) -> list[bytes]:
    """The first column of each row as psql printed it."""
    rows = output.read_bytes().splitlines()
    if " AS token" not in statement.sql:
        return rows
    return [row.rpartition(b"|")[0] for row in rows]
