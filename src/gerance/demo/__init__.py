"""The demonstration: sample companies, tickets, rentals and partners for an empty installation."""

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec
import psycopg

from gerance.demo.bulk import load_tickets
from gerance.demo.partners import PARTNER, load_partners
from gerance.demo.rentals import RentalSize, load_rentals
from gerance.demo.set_up import set_up
from gerance.demo.world import World, build_world
from gerance.demo.world_accounts import INTEGRATOR
from gerance.kernel.db import Connection
from gerance.kernel.errors import Rejection
from gerance.kernel.identity.passwords import published_passwords

TICKETS_PER_SCALE = 2000
_START, _COMPLETION = "demo loading", "demo loaded"


@dataclass(frozen=True)
class DemoWorld:
    """The accounts of the demonstration by kind, and uids for first requests.

    Users have `login` and `password`, the integrator `apiKey`, `userName` and `password`, the
    partner `code`, `source`, `token`, `sftpUser` and `sftpPassword`.
    """

    accounts: dict[str, dict[str, str]]
    sample: dict[str, str]


class _Plan(msgspec.Struct, frozen=True):
    """The number of tickets, the moment before which they happened, and the scale."""

    count: int
    now: datetime
    scale: int = 1


def load(
    url: str, *, scale: int = 1, on_progress: Callable[[int, int], None] | None = None
) -> DemoWorld:
    """Load the sample data, `scale` times 2,000 tickets and 1,500 units, unless it is there.

    `on_progress(count, total)` is called while tickets are loaded. An interrupted load continues
    with the scale with which it started. Raises Rejection when the database has other accounts: the
    passwords of the demonstration are public.
    """
    world = build_world()
    with _quiet("gerance.http", "gerance.security"), published_passwords():
        asyncio.run(_load(url, world, scale, on_progress or (lambda count, total: None)))
    return DemoWorld(
        accounts={**world.accounts, "integrator": INTEGRATOR, "partner": PARTNER},
        sample=world.sample,
    )


@contextmanager
def _quiet(*names: str) -> Iterator[None]:
    """Suppress the routine lines of these loggers during the load."""
    loggers = [logging.getLogger(name) for name in names]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


async def _load(
    url: str, world: World, scale: int, on_progress: Callable[[int, int], None]
) -> None:
    async with await psycopg.AsyncConnection.connect(
        url, autocommit=True, prepare_threshold=None
    ) as connection:
        if (earlier := await _read_note(connection, _COMPLETION)) is not None:
            await load_rentals(connection, RentalSize.of(earlier.scale), now=earlier.now)
            await load_partners(connection, url, scale=earlier.scale, now=earlier.now)
            return
        plan = await _plan(connection, scale)
        await set_up(url, world)
        await load_tickets(
            connection, world, count=plan.count, now=plan.now, on_progress=on_progress
        )
        await load_rentals(connection, RentalSize.of(plan.scale), now=plan.now)
        await load_partners(connection, url, scale=plan.scale, now=plan.now)
        await _write_note(connection, _COMPLETION, plan)


async def _plan(connection: Connection, scale: int) -> _Plan:
    plan = await _read_note(connection, _START)
    if plan is None:
        rows = await connection.execute(
            "SELECT EXISTS (SELECT FROM account UNION ALL SELECT FROM integrator"
            " UNION ALL SELECT FROM partner)"
        )
        if (await rows.fetchall())[0][0]:
            raise Rejection(
                "NotEmpty",
                "This database has accounts already. The demonstration adds accounts whose"
                " passwords are public: use an empty database, or another --home.",
            )
        # Midnight: the data depend on the day and the scale only.
        today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        plan = _Plan(TICKETS_PER_SCALE * scale, today, scale)
        await _write_note(connection, _START, plan)
    return plan


async def _read_note(connection: Connection, act: str) -> _Plan | None:
    rows = await connection.execute("SELECT subject FROM audit WHERE act = %s LIMIT 1", [act])
    row = await rows.fetchone()
    return None if row is None else msgspec.json.decode(row[0], type=_Plan)


async def _write_note(connection: Connection, act: str, plan: _Plan) -> None:
    await connection.execute(
        "INSERT INTO audit (actor, act, subject) VALUES ('demo', %s, %s)",
        [act, msgspec.json.encode(plan).decode()],
    )
