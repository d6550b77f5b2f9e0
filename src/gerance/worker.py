"""The background loops: what has to be done without anybody asking.

They run inside `gerance serve`, or as `gerance worker`, any number of times: each turn takes a
lock that one process gets.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from zoneinfo import ZoneInfo

import structlog

from gerance.incidents.subscriptions import flavour as incidents
from gerance.incidents.tickets.counts import sum_up
from gerance.kernel import clock
from gerance.kernel.background import repeat
from gerance.kernel.daily_job import Job, may_begin
from gerance.kernel.db import Pool, given_up_at_the_end, open_pool
from gerance.kernel.log.eventlog import adopt_log
from gerance.kernel.log.writer import Writer, open_writer
from gerance.kernel.settings import Settings
from gerance.kernel.webhooks.client import WebhookClient
from gerance.kernel.webhooks.delivery_log import delete_old_deliveries
from gerance.kernel.webhooks.engine import Deliverer, lease_seconds
from gerance.kernel.webhooks.flavours import Flavour
from gerance.kernel.webhooks.guard import Guard
from gerance.partners.billing_exchange.loops import Exchange
from gerance.partners.billing_exchange.sftp_service import keep_serving_files
from gerance.partners.customers.daily_job import run_daily_job as run_customer_job
from gerance.partners.webhooks import flavour as partners
from gerance.reactions.context import Means
from gerance.reactions.follower import Follower
from gerance.rentals.model.rules import RULESET
from gerance.rentals.notifications.flavour import FLAVOUR as RENTALS
from gerance.rentals.notifications.flavour import rentals_flavour
from gerance.rentals.writing.daily_job import bring_to

log = structlog.get_logger("gerance.worker")

PAUSE_SECONDS = 1.0
REACTION_SECONDS = 0.2
FORGET_SECONDS = 3600.0
PUSH_SECONDS = 5.0


async def run(settings: Settings) -> None:
    """Run the loops until cancelled, on a pool of their own."""
    if settings.database_url is None:
        raise ValueError("a worker needs a database_url")
    limit = settings.statement_timeout_ms
    async with open_pool(settings.database_url, size=6, statement_timeout_ms=limit) as pool:
        await adopt_log(pool)
        async with pool.brief() as connection:
            await clock.synchronise(connection)
        async with (
            open_writer(pool) as writer,
            webhook_client(settings) as caller,
            given_up_at_the_end(pool),
        ):
            await run_loops(pool, writer, caller, settings)


def webhook_client(settings: Settings) -> WebhookClient:
    """Who makes the calls to endpoints: use it as an async context manager."""
    return WebhookClient(Guard(settings.webhook_networks), timeout=settings.webhook_timeout_seconds)


def flavours(settings: Settings) -> Mapping[str, Flavour]:
    """The forms of message that endpoints may take, by name."""
    return {
        incidents.FLAVOUR: incidents.Incidents(),
        RENTALS: rentals_flavour(settings),
        partners.FLAVOUR: partners.Partners(),
    }


async def run_loops(pool: Pool, writer: Writer, caller: WebhookClient, settings: Settings) -> None:
    """Run the loops until cancelled."""
    assert settings.database_url is not None
    zone = settings.zone
    deliverer = Deliverer(
        pool, caller, flavours(settings), lease=lease_seconds(settings.webhook_timeout_seconds)
    )
    async with asyncio.TaskGroup() as loops:
        loops.create_task(clock.keep_synchronised(pool))
        loops.create_task(keep_tallies(pool))
        loops.create_task(keep_day(pool, zone))
        loops.create_task(keep_customers(pool, writer, zone))
        loops.create_task(keep_reacting(Follower(Means(pool, writer, zone))))
        loops.create_task(deliverer.run(settings.database_url))
        loops.create_task(keep_log_short(pool, settings.delivery_log_days))
        exchange = Exchange(pool, writer, settings, lambda: clock.today(zone))
        loops.create_task(keep_exchanging(exchange))
        loops.create_task(keep_pushing(exchange))
        if settings.sftp_port is not None:
            loops.create_task(keep_serving_files(pool, settings))


async def keep_tallies(pool: Pool) -> None:
    """Sum up the changes of the ticket counts, about every second."""

    async def turn() -> None:
        async with pool.connection() as connection:
            while await sum_up(connection):
                pass

    await repeat(turn, seconds=PAUSE_SECONDS, failure="counts not summed up; trying again", log=log)


async def keep_day(pool: Pool, zone: ZoneInfo) -> None:
    """Bring rentals to the present day, at the start and when one begins."""

    async def bring(day: date) -> bool:
        async with pool.connection() as connection:
            return await bring_to(connection, RULESET, day)

    complaint = "rentals not brought to the present day; trying again"
    await _keep_at_day(pool, zone, "rentals", bring, complaint)


async def keep_customers(pool: Pool, writer: Writer, zone: ZoneInfo) -> None:
    """Bring customers of partners to the present day, at the start and when one begins."""

    async def bring(day: date) -> bool:
        await run_customer_job(pool, writer, day)
        return True

    complaint = "customers not brought to the present day; trying again"
    await _keep_at_day(pool, zone, "partners", bring, complaint)


async def _keep_at_day(
    pool: Pool, zone: ZoneInfo, job: Job, bring: Callable[[date], Awaitable[bool]], complaint: str
) -> None:
    """Do a daily job when a day begins by the database's clock, unless something casts doubt on it.

    `bring` does the job for a day; it returns False when another process is at it.
    """
    last_day = date.min

    async def turn() -> None:
        nonlocal last_day
        if last_day >= clock.today(zone):
            return
        async with pool.brief() as connection:
            difference = await clock.synchronise(connection)
            day = clock.today(zone)
            begins = await may_begin(connection, job, day, difference)
        if begins and await bring(day):
            last_day = day

    await repeat(turn, seconds=PAUSE_SECONDS, failure=complaint, log=log)


async def keep_log_short(pool: Pool, days: int) -> None:
    """Forget calls to endpoints once they are `days` old."""

    async def turn() -> None:
        async with pool.connection() as connection:
            while await delete_old_deliveries(connection, days):
                pass

    await repeat(
        turn, seconds=FORGET_SECONDS, failure="old calls not forgotten; trying again", log=log
    )


async def keep_exchanging(exchange: Exchange) -> None:
    """Bring billing files into the folders of partners, and read what they put there."""
    await repeat(
        exchange.exchange,
        seconds=PAUSE_SECONDS,
        failure="files not exchanged with partners; trying again",
        log=log,
    )


async def keep_pushing(exchange: Exchange) -> None:
    """Bring billing files to the partners' own servers."""
    await repeat(
        exchange.push, seconds=PUSH_SECONDS, failure="files not pushed; trying again", log=log
    )


async def keep_reacting(follower: Follower) -> None:
    """React to events, soon after they happen."""

    async def turn() -> None:
        while await follower.catch_up():
            pass

    await repeat(turn, seconds=REACTION_SECONDS, failure="no reactions; trying again", log=log)
