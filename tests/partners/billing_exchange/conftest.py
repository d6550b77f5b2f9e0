"""A partner with a folder, and the SFTP server that lets it in."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import asyncssh
import psycopg
import pytest
from tests.living import on

from gerance.kernel.db import Pool, open_pool
from gerance.kernel.log.writer import Writer, open_writer
from gerance.partners.billing_exchange.access import give_access
from gerance.partners.billing_exchange.host_key import host_key
from gerance.partners.billing_exchange.sftp_server import sftp_server
from gerance.partners.lifecycle.counters import billing_start
from gerance.partners.lifecycle.deadlines import Stamp, heading
from gerance.partners.lifecycle.events import ServiceActivated
from gerance.partners.lifecycle.state import Customer, Details, Terms
from gerance.partners.lifecycle.writer import ChangeRequest, change

T = TypeVar("T")
CODE = "FOUSSIER"
AUGUST = date(2026, 8, 12)
KEY = asyncssh.generate_private_key("ssh-ed25519")
PASSWORD = "correct horse battery"


@pytest.fixture
def partner(database: str) -> str:
    """The code of a partner whose login is its code and whose key is KEY."""
    with psycopg.connect(database) as connection:
        connection.execute(
            "truncate partner, login_failure, partner_customer, partner_file_access,"
            " partner_billing_file, partner_return_file, partner_payment,"
            " partner_push_target, partner_proposal, event, stream cascade"
        )
    add_partner(database, CODE)
    public = KEY.export_public_key().decode()
    on(database, lambda c: give_access(c, CODE, public_keys=public))
    return CODE


def add_partner(database: str, code: str) -> None:
    with psycopg.connect(database) as connection:
        connection.execute("insert into partner (code, name) values (%s, %s)", [code, code])


@asynccontextmanager
async def served(database: str, home: Path) -> AsyncIterator[int]:
    """The port of an SFTP server over the folders below `home`."""
    async with (
        open_pool(database, size=4, statement_timeout_ms=30_000) as pool,
        sftp_server(pool, home / "partners", [host_key(home)], host="127.0.0.1", port=0) as port,
    ):
        yield port


def connected(port: int, home: Path, user: str = CODE, **options: Any) -> Any:
    """A connection of a client that knows the server's key; with a password, or with KEY."""
    options = {
        "client_keys": None if "password" in options else [KEY],
        "known_hosts": ([host_key(home).convert_to_public()], [], []),
    } | options
    return asyncssh.connect(
        "127.0.0.1",
        port,
        username=user,
        config=None,
        agent_path=None,
        **options,
    )


def with_sftp(database: str, home: Path, act: Callable[[asyncssh.SFTPClient], Awaitable[T]]) -> T:
    """What `act` gives on an SFTP session of the partner."""

    async def acted() -> T:
        async with (
            served(database, home) as port,
            connected(port, home) as connection,
            connection.start_sftp_client() as sftp,
        ):
            return await act(sftp)

    return asyncio.run(acted())


def add_customers(database: str, code: str, count: int) -> None:
    """Customers C0, C1 ... of the partner, billed from September 2026 on; those there stay."""
    with psycopg.connect(database) as connection:
        connection.execute(
            "insert into partner_customer (uid, partner, client_id, status, campaign_code,"
            " lastname, firstname, email, phone_number1, zipcode, city, country,"
            " service_starting_date, billing_starting_date, free_months, unit_price,"
            " options_price, nb_of_options, paid_months, offered_months, changed)"
            " select gen_random_uuid(), %(code)s, 'C' || n, 'billed', 'ETE', 'Œuvrard ' || n,"
            " 'Élise', 'e' || n || '@example.org', '+33320015450', '59000', 'Lille', 'FR',"
            " date '2026-08-12', date '2026-09-01', 0, 29.90 + n %% 100, 5, 1,"
            " '{[2026-09-01,)}', '{}', now() from generate_series(0, %(count)s - 1) n"
            " on conflict do nothing",
            {"code": code, "count": count},
        )


def activate(database: str, code: str, clients: Iterable[str], on_day: date = AUGUST) -> None:
    """Customers of the partner whose service started on a day: billed from the next month on."""
    details = Details(lastname="Œuvrard", email="e@example.org", phone_number1="+33320015450")
    terms = Terms(unit_price=Decimal("29.90"))

    def decide(state: Customer | None, stamp: Stamp) -> list[ServiceActivated]:
        return [
            ServiceActivated(
                details=details,
                terms=terms,
                billingStartingDate=billing_start(on_day, terms.free_months),
                **heading(stamp, stamp.today),
            )
        ]

    async def activated(pool: Pool, writer: Writer) -> None:
        for client in clients:
            await change(writer, code, client, ChangeRequest("operator", on_day), decide)

    written(database, activated)


def written(database: str, act: Callable[[Pool, Writer], Awaitable[T]]) -> T:
    """What `act` gives on a pool and a writer of the database."""

    async def acted() -> T:
        async with (
            open_pool(database, size=4, statement_timeout_ms=30_000) as pool,
            open_writer(pool) as writer,
        ):
            return await act(pool, writer)

    return asyncio.run(acted())
