"""Versions of entity sets: what an answer depends on, known without reading a table.

A set's version grows with every transaction that changes it, whatever order they commit in: each
writer adds to a row of its own (`slot`), the version is their sum. A reader that reads versions
first and rows after has rows at least as new as the versions say, so an answer cached under them
is never stale for a later reader of the same versions.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from gerance.kernel.db import Connection, Pool

SLOTS = 32

# On a standby the text of a snapshot has not all of it: then none is like another.
_MOMENT = (
    "CASE WHEN pg_is_in_recovery() THEN gen_random_uuid()::text"
    " ELSE pg_current_snapshot()::text END"
)
_READ = (
    "SELECT m.moment, CASE WHEN m.moment IS DISTINCT FROM %s THEN"
    " (SELECT json_object_agg(set_name, changes) FROM (SELECT set_name, sum(changes) AS changes"
    " FROM set_version GROUP BY set_name) v)::text END"
    f" FROM (SELECT {_MOMENT} AS moment OFFSET 0) m"
)

COUNT_CHANGES = (
    "INSERT INTO set_version AS v (set_name, slot, changes)"
    f" SELECT name, mod(pg_backend_pid(), {SLOTS}), 1 FROM {{names}} ORDER BY name"
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
        self._last: SetVersions | None = None
        self._waiters: list[asyncio.Future[SetVersions]] = []
        self._reading = False
        self._tasks: set[asyncio.Task[None]] = set()

    async def read(self) -> SetVersions:
        """The versions now: every change that was committed before the call is in them."""
        if self._reading:
            answer: asyncio.Future[SetVersions] = asyncio.get_running_loop().create_future()
            self._waiters.append(answer)
            return await answer
        self._reading = True
        try:
            return await self._read()
        finally:
            self._reading = False
            if self._waiters:
                task = asyncio.create_task(self._read_for_others())
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def _read(self) -> SetVersions:
        async with self._pool.brief() as connection:
            self._last = await read_versions(connection, self._last)
            return self._last

    async def _read_for_others(self) -> None:
        """Answer those who asked while others were answered: they may want newer versions."""
        waiters, self._waiters = self._waiters, []
        try:
            versions = await self.read()
        except Exception as failure:
            for answer in waiters:
                if not answer.done():
                    answer.set_exception(failure)
            return
        for answer in waiters:
            if not answer.done():
                answer.set_result(versions)


async def read_versions(connection: Connection, last: SetVersions | None = None) -> SetVersions:
    """The versions as this connection's next statement sees them.

    Two equal snapshots see the same of everything: then those read `last` are the present ones.
    """
    rows = await connection.execute(_READ, [last and last.snapshot])
    snapshot, changes = (await rows.fetchall())[0]
    if last is not None and snapshot == last.snapshot:
        return last
    return SetVersions(snapshot, msgspec.json.decode(changes) if changes else {})


async def sets_changed(connection: Connection, set_names: Iterable[str]) -> None:
    """These sets change with the transaction under way."""
    await connection.execute(
        COUNT_CHANGES.format(names="(SELECT DISTINCT unnest(%s::text[]) AS name) n"),
        [list(set_names)],
    )
