"""Versions of entity sets: what an answer depends on, known without reading a table.

A set's version grows with every transaction that changes it, whatever order they commit in: each
writer adds to a row of its own (`slot`), the version is their sum. A reader that reads versions
first and rows after has rows at least as new as the versions say, so an answer kept under them is
never stale for whoever reads the same versions later.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from gerance.kernel.db import Connection, Pool

_SLOTS = 32

_READ = (
    "SELECT pg_current_snapshot()::text, (SELECT json_object_agg(set_name, changes) FROM"
    " (SELECT set_name, sum(changes) AS changes FROM set_version GROUP BY set_name) v)::text"
)

CHANGED = (
    "INSERT INTO set_version AS v (set_name, slot, changes)"
    f" SELECT name, mod(pg_backend_pid(), {_SLOTS}), 1 FROM {{names}} ORDER BY name"
    " ON CONFLICT (set_name, slot) DO UPDATE SET changes = v.changes + 1"
)
"""SQL: the sets whose names are in `{names}` (a relation with a column `name`) have changed."""


@dataclass(frozen=True)
class SetVersions:
    """The versions of all sets as of one moment; `snapshot` stands for those that have none."""

    snapshot: str
    changes: dict[str, int]

    def of(self, set_name: str, *, versioned: bool = True) -> str:
        """The version of a set."""
        return str(self.changes.get(set_name, 0)) if versioned else self.snapshot


class VersionReader:
    """Reads the versions; those who ask at the same time are answered by one statement."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._asked: list[asyncio.Future[SetVersions]] = []
        self._reading: asyncio.Task[None] | None = None

    async def read(self) -> SetVersions:
        """The versions now: every change that was committed before the call is in them."""
        answer: asyncio.Future[SetVersions] = asyncio.get_running_loop().create_future()
        self._asked.append(answer)
        if self._reading is None:
            self._reading = asyncio.create_task(self._read())
        return await answer

    async def _read(self) -> None:
        try:
            while asked := self._asked:
                self._asked = []
                await self._answer(asked)
        finally:
            self._reading = None

    async def _answer(self, asked: "list[asyncio.Future[SetVersions]]") -> None:
        try:
            async with self._pool.connection() as connection:
                versions = await read_versions(connection)
        except Exception as failure:
            for answer in asked:
                if not answer.done():
                    answer.set_exception(failure)
            return
        for answer in asked:
            if not answer.done():
                answer.set_result(versions)


async def read_versions(connection: Connection) -> SetVersions:
    """The versions as this connection's next statement sees them."""
    rows = await connection.execute(_READ)
    snapshot, changes = (await rows.fetchall())[0]
    return SetVersions(snapshot, msgspec.json.decode(changes) if changes else {})


async def sets_changed(connection: Connection, set_names: Iterable[str]) -> None:
    """These sets change with the transaction under way."""
    await connection.execute(
        CHANGED.format(names="(SELECT DISTINCT unnest(%s::text[]) AS name) n"), [list(set_names)]
    )
