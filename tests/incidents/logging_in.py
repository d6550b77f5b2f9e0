"""Logging in as a client does."""

import asyncio
from collections.abc import Iterator
from uuid import uuid4

import httpx2
import psycopg
import pytest
from argon2 import PasswordHasher
from starlette.testclient import TestClient
from tests.incidents.conftest import World

from gerance.kernel.identity import passwords
from gerance.kernel.identity.accounts import add_user

PREFIXES = ("/api/vEvent", "/api/v1")
PASSWORD = "correct horse battery staple"


@pytest.fixture(scope="module")
def light_hashes() -> Iterator[None]:
    """argon2id as ever, with less work in each: for tests that log in a hundred times."""
    light = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", light)
        yield


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
