"""The demonstration: a believable world, its tickets and its rentals, loaded into an empty
installation."""

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
from gerance.kernel.errors import Refused
from gerance.kernel.identity.passwords import published_passwords

TICKETS_PER_SCALE = 2000
_LOADING, _LOADED = "demo loading", "demo loaded"


@dataclass(frozen=True)
class DemoWorld:
    """What the demonstration shows its user: accounts by kind, and uids to try things with.

    Users have `login` and `password`, the integrator `apiKey`, `userName` and `password`, the
    partner `code`, `source`, `token`, `sftpUser` and `sftpPassword`.
    """

    accounts: dict[str, dict[str, str]]
    sample: dict[str, str]


class _Plan(msgspec.Struct, frozen=True):
    """What is being loaded: how many tickets, over the months before which moment; what scale."""

    count: int
    now: datetime
    scale: int = 1


def load(
    url: str, *, scale: int = 1, on_progress: Callable[[int, int], None] | None = None
) -> DemoWorld:
    """Load the sample data, `scale` x 2,000 tickets and 1,500 units to let, unless it is there.

    `on_progress(done, total)` is called as tickets come in. A load that was interrupted goes on
    where it stopped, with the scale it was begun with. Raises Refused when the database has
    accounts that are not the demonstration's: its passwords are public.
    """
    world = build_world()
    with _quiet("gerance.http", "gerance.security"), published_passwords():
        asyncio.run(_load(url, world, scale, on_progress or (lambda done, total: None)))
    return DemoWorld(
        accounts={**world.accounts, "integrator": INTEGRATOR, "partner": PARTNER},
        sample=world.sample,
    )


@contextmanager
def _quiet(*names: str) -> Iterator[None]:
    """Without the routine lines of these loggers: what is loaded is no news."""
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
        if (loaded := await _noted(connection, _LOADED)) is not None:
            await load_rentals(connection, RentalSize.of(loaded.scale), now=loaded.now)
            await load_partners(connection, url, scale=loaded.scale, now=loaded.now)
            return
        plan = await _plan(connection, scale)
        await set_up(url, world)
        await load_tickets(
            connection, world, count=plan.count, now=plan.now, on_progress=on_progress
        )
        await load_rentals(connection, RentalSize.of(plan.scale), now=plan.now)
        await load_partners(connection, url, scale=plan.scale, now=plan.now)
        await _note(connection, _LOADED, plan)


async def _plan(connection: Connection, scale: int) -> _Plan:
    plan = await _noted(connection, _LOADING)
    if plan is None:
        rows = await connection.execute(
            "SELECT EXISTS (SELECT FROM account UNION ALL SELECT FROM integrator"
            " UNION ALL SELECT FROM partner)"
        )
        if (await rows.fetchall())[0][0]:
            raise Refused(
                "NotEmpty",
                "This database has accounts of its own. The demonstration adds accounts whose"
                " passwords are public: give it an empty database, or another --home.",
            )
        # The same all day long: what is loaded depends on nothing but the day and the scale.
        today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        plan = _Plan(TICKETS_PER_SCALE * scale, today, scale)
        await _note(connection, _LOADING, plan)
    return plan


async def _noted(connection: Connection, act: str) -> _Plan | None:
    rows = await connection.execute("SELECT subject FROM audit WHERE act = %s LIMIT 1", [act])
    row = await rows.fetchone()
    return None if row is None else msgspec.json.decode(row[0], type=_Plan)


async def _note(connection: Connection, act: str, plan: _Plan) -> None:
    await connection.execute(
        "INSERT INTO audit (actor, act, subject) VALUES ('demo', %s, %s)",
        [act, msgspec.json.encode(plan).decode()],
    )
