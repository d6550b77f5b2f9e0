"""Clients who live through something, and a delivery engine that tells their partners."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qsl

import psycopg
from tests.kernel.webhooks.engine import LOOPBACK
from tests.receiving import Received, Receiver, receiving

from gerance.kernel.db import Pool, open_pool
from gerance.kernel.log.writer import Writer, open_writer
from gerance.kernel.settings import Settings
from gerance.kernel.webhooks.client import WebhookClient
from gerance.kernel.webhooks.engine import Deliverer
from gerance.kernel.webhooks.guard import Guard
from gerance.partners.customers.commands import (
    ActivateService,
    CustomerCommand,
    OfferMonths,
    Terminate,
)
from gerance.partners.customers.daily_job import run_daily_job
from gerance.partners.customers.decide import decide as decide_customer
from gerance.partners.leads.commands import ReceiveLead
from gerance.partners.leads.decide import decide as decide_lead
from gerance.partners.lifecycle.state import Details, Terms
from gerance.partners.lifecycle.writer import ChangeRequest, change
from gerance.partners.webhooks.address import set_address
from gerance.worker import flavours

T = TypeVar("T")
CLIENT = "54d8b0fad5922248bf2f"
DETAILS = Details(
    source="Foussier", campaign_code="ETE", lastname="Lhermitte & fils", firstname="Thérèse",
    client_title="Mme", company_name="Œuvrard=1", siret="73282932000074",
    email="t+1@lhermitte.example", phone_number1="+33199001234", address1="1 rue\tde l'Été",
    zipcode="75011", city="Paris", country="FR", typology=1,
)  # fmt: skip
TERMS = Terms(free_months=1, unit_price=Decimal("29.90"), nb_of_options=2)


def day(text: str) -> date:
    return date.fromisoformat(text)


def form(received: Received) -> dict[str, str]:
    """The parameters of a call, in their order; each is there once."""
    pairs = parse_qsl(received.body.decode("ascii"), keep_blank_values=True, strict_parsing=True)
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)


class World:
    """Clients of partners, and who delivers."""

    def __init__(self, pool: Pool, writer: Writer, deliverer: Deliverer, hook: Receiver) -> None:
        self.pool, self.writer, self.deliverer, self.hook = pool, writer, deliverer, hook

    async def ask(
        self,
        on: str,
        command: ReceiveLead | CustomerCommand,
        client_id: str = CLIENT,
        partner: str = "FOUSSIER",
    ) -> int:
        """The position of the last event that it causes."""

        def decided(state: Any, stamp: Any) -> Any:
            if isinstance(command, ReceiveLead):
                return decide_lead(state, command, stamp)
            return decide_customer(state, command, stamp)

        written = await change(
            self.writer, partner, client_id, ChangeRequest("partner", day(on)), decided
        )
        assert written.position is not None
        return written.position

    async def activate(self, on: str, client_id: str = CLIENT, partner: str = "FOUSSIER") -> int:
        command = ActivateService(DETAILS, {"ETE": TERMS}, "ETE")
        return await self.ask(on, command, client_id, partner)

    async def live(self) -> None:
        """A whole life: asked for, activated, billed, offered, billed again, ended."""
        await self.ask("2026-03-02", ReceiveLead(DETAILS))
        await self.ask(
            "2026-03-05",
            ReceiveLead(Details(lastname="L", email="a@b.example", phone_number1="+33199001234")),
        )
        await self.activate("2026-03-12")
        await self.reach("2026-06-20")
        await self.ask("2026-06-20", OfferMonths(2, "fidélité"))
        await self.reach("2026-10-02")
        await self.ask("2026-10-02", Terminate(day("2026-11-15"), "cesse & part"))
        await self.reach("2026-11-16")

    async def reach(self, on: str) -> None:
        await run_daily_job(self.pool, self.writer, day(on))

    async def address(self, url: str, partner: str = "FOUSSIER") -> str:
        """The secret with which calls to that address of the partner are signed."""
        async with self.pool.connection() as connection:
            secret = await set_address(connection, partner, url, None)
        assert secret is not None
        return secret

    async def deliver(self) -> list[dict[str, str]]:
        """The parameters of all calls that are made until nothing is due."""
        before = len(self.hook.received)
        while await self.deliverer.turn():
            await self.deliverer.settle()
        return [form(each) for each in self.hook.received[before:]]


@asynccontextmanager
async def world(database: str) -> AsyncIterator[World]:
    """Two partners without clients, on an empty database; its engine calls loopback."""
    with psycopg.connect(database) as connection:
        connection.execute(
            "truncate partner, partner_customer, event, stream, endpoint, subscription, outbox,"
            " delivery cascade"
        )
        connection.execute(
            "insert into partner (code, name) values ('FOUSSIER', 'F'), ('LEGALLAIS', 'L')"
        )
    settings = Settings(home=Path("/nowhere"), database_url=database)
    async with (
        open_pool(database, size=6, statement_timeout_ms=30_000) as pool,
        open_writer(pool) as writer,
        WebhookClient(Guard(LOOPBACK), timeout=5.0) as caller,
        receiving() as hook,
    ):
        deliverer = Deliverer(pool, caller, flavours(settings), lease=30)
        yield World(pool, writer, deliverer, hook)


def within(database: str, act: Callable[[World], Awaitable[T]]) -> T:
    """What `act` gives in such a world."""

    async def acted() -> T:
        async with world(database) as made:
            return await act(made)

    return asyncio.run(acted())
