"""Lives of the demonstration's tickets, lived through the API of a running application."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import psycopg
import pytest
import time_machine
from starlette.testclient import TestClient
from tests.conftest import made_database

from gerance import demo
from gerance.app import create_app
from gerance.demo import bulk
from gerance.demo.lives import Life, ticket_lives
from gerance.demo.world import World
from gerance.incidents.tickets.counts import recount, sum_up
from gerance.kernel.db import Connection
from gerance.kernel.identity.sessions import open_session
from gerance.kernel.settings import Settings

T = TypeVar("T")

LEFT_OUT = {
    "session",
    "login_failure",
    "login_address",
    "audit",
    "alembic_version",
    "set_version",
    "follower",
    "scheduled_job",
}
"""Tables that tell who was logged in, what operators did, who wrote and how far loops are, not what
events made."""

Rows = dict[str, list[tuple[Any, ...]]]


@contextmanager
def running(database: str, home: Path, **settings: Any) -> Iterator[TestClient]:
    """The application over the database; without the loops that bring data to the present day."""
    settings = {"jobs_inside": False, "log_level": "error"} | settings
    made = Settings(home=home, database_url=database, **settings)
    with TestClient(create_app(made)) as http:
        yield http


def on(database: str, act: Callable[[Connection], Awaitable[T]]) -> T:
    """What `act` gives on a connection to the database."""

    async def acted() -> T:
        async with await psycopg.AsyncConnection.connect(database, autocommit=True) as connection:
            return await act(connection)

    return asyncio.run(acted())


def log_in(database: str, world: World, logins: Iterable[str]) -> dict[str, str]:
    """A Cookie header for each login."""
    uid_of = {user.login: user.uid for user in world.users}

    return {
        login: "PI_SESSION="
        + on(database, lambda c, uid=uid_of[login]: open_session(c, uid, lifetime=3600))
        for login in logins
    }


def live(http: TestClient, cookies: dict[str, str], life: Life) -> None:
    """Send the commands of a life, each at the moment it says that it was received."""
    for received, body in life.commands:
        opens = body["commandType"] == "OpenTicket"
        method, path = ("POST", "") if opens else ("PATCH", f"/{life.uid}")
        headers = {"Cookie": cookies[life.actor]}
        with time_machine.travel(received, tick=False):
            answer = http.request(method, f"/api/vEvent/tickets{path}", json=body, headers=headers)
        assert answer.status_code == (201 if opens else 200), answer.text


def sum_all_up(database: str) -> None:
    """Add every change of the ticket counts to their sums, whoever else is about to do so."""
    with psycopg.connect(database, autocommit=True) as connection:
        while connection.execute("SELECT FROM ticket_tally_change LIMIT 1").fetchone() is not None:
            on(database, sum_up)


def contents(database: str, *left_out: str) -> Rows:
    """The rows of every table, but for transaction ids and salted passwords; counts summed up."""

    sum_all_up(database)
    with psycopg.connect(database, autocommit=True) as connection:
        tables = connection.execute(
            "SELECT table_name, string_agg(quote_ident(column_name) || '::text', ', '"
            " ORDER BY ordinal_position) FROM information_schema.columns"
            " WHERE table_schema = 'public' AND column_name <> ALL(%s) GROUP BY 1",
            [["transaction_id", "password_hash"]],
        ).fetchall()
        return {
            table: sorted(connection.execute(f"SELECT {columns} FROM {table}{kept}").fetchall())
            for table, columns in tables
            if table not in LEFT_OUT.union(left_out)
            for kept in [" WHERE count <> 0" if table == "ticket_tally" else ""]
        }


class Interrupted(Exception):
    """What stops a load in these tests."""


@contextmanager
def begun_demonstration(server_url: str, template: str, *, count: int, done: int) -> Iterator[str]:
    """URL of a database where a load of `count` tickets was stopped after `done`."""

    def interrupt(so_far: int, total: int) -> None:
        if so_far == done:
            raise Interrupted

    with made_database(server_url, template=template) as url:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(demo, "TICKETS_PER_SCALE", count)
            patch.setattr(bulk, "BATCH", done)
            with pytest.raises(Interrupted):
                demo.load(url, on_progress=interrupt)
        on(url, recount)
        yield url


def lives_to_come(database: str, world: World, *, count: int, done: int) -> list[Life]:
    """The lives that such a load has still to bring."""
    with psycopg.connect(database, autocommit=True) as connection:
        query = "SELECT subject::json ->> 'now' FROM audit WHERE act = 'demo loading'"
        ((now,),) = connection.execute(query).fetchall()
    return list(ticket_lives(world, count=count, now=datetime.fromisoformat(now), first=done))
