"""Logging in as a client does."""

import asyncio
from uuid import uuid4

import httpx2
import psycopg
from starlette.testclient import TestClient
from tests.incidents.conftest import World

from gerance.kernel.identity.accounts import add_user

PREFIXES = ("/api/vEvent", "/api/v1")
PASSWORD = "correct horse battery staple"


def new_login(world: World, name: str = "Zoé.Œuf") -> str:
    """The login of a new super user."""
    login = f"{name}-{uuid4()}@example.org"

    async def add() -> None:
        async with await psycopg.AsyncConnection.connect(
            world.database, autocommit=True
        ) as connection:
            await add_user(
                connection, kind="superUser", login=login, password=PASSWORD,
                first_name=None, last_name="Œuf",
            )  # fmt: skip

    asyncio.run(add())
    return login


def log_in(
    http: TestClient, login: str, password: str = PASSWORD, prefix: str = PREFIXES[0]
) -> httpx2.Response:
    answer = http.post(f"{prefix}/login", json={"login": login, "password": password})
    http.cookies.clear()
    return answer


def cookie_of(answer: httpx2.Response) -> str:
    """`PI_SESSION=...` of an accepted log-in."""
    assert answer.status_code == 200, answer.text
    return str(answer.headers["Set-Cookie"].partition(";")[0])
