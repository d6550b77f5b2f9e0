"""The security log names who tried what at which door, and never a secret."""

import asyncio
import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import structlog
from starlette.testclient import TestClient
from tests.incidents.login import log_in
from tests.living import on, running

from gerance.kernel import metrics
from gerance.kernel.db import Connection, open_pool
from gerance.kernel.identity import integrators, throttle
from gerance.kernel.identity.accounts import add_user, disable_user
from gerance.kernel.identity.bad_tokens import PER_NETWORK
from gerance.kernel.identity.one_time_codes import enable_totp
from gerance.kernel.identity.scope import Scope
from gerance.kernel.identity.throttle import PER_LOGIN
from gerance.kernel.logging import configure_logging
from gerance.partners.billing_exchange.access import code_by_password, give_access
from gerance.partners.programme.partners import add_partner, set_disabled

PASSWORD = "correct horse battery staple"
CLIENT = "192.0.2.77"
TOKEN = "d4e9b0993d1e43760512"


class Doors:
    """A client at every door, and the lines that its attempts leave."""

    def __init__(self, http: TestClient, database: str, stream: io.StringIO) -> None:
        self.http, self.database, self._stream = http, database, stream
        self.written = ""

    def lines(self, event: str) -> list[dict[str, Any]]:
        """The new lines with this event, without what every line has."""
        new = self._stream.getvalue().removeprefix(self.written)
        self.written += new
        found = [json.loads(line) for line in new.splitlines()]
        common = {"logger", "level", "timestamp", "request_id", "event"}
        return [
            {name: value for name, value in line.items() if name not in common}
            for line in found
            if line.get("logger") == "gerance.security" and line["event"] == event
        ]


@pytest.fixture
def doors(database: str, tmp_path: Path) -> Iterator[Doors]:
    with psycopg.connect(database) as connection:
        connection.execute("TRUNCATE login_failure, login_address")
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    with running(database, tmp_path, partners_plain_http="allow") as http:
        configure_logging("json", "info")
        (handler,) = logging.getLogger().handlers
        assert isinstance(handler, logging.StreamHandler)
        handler.setStream(stream := io.StringIO())
        try:
            yield Doors(TestClient(http.app, client=(CLIENT, 4711)), database, stream)
        finally:
            root.handlers, root.level = handlers, level
            structlog.reset_defaults()


def add(database: str, login: str, **fields: Any) -> None:
    async def added(connection: Connection) -> None:
        await add_user(
            connection, kind="superUser", login=login, password=PASSWORD,
            first_name=None, last_name="Œuf", **fields,
        )  # fmt: skip

    on(database, added)


def test_log_ins_of_users(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    login = "Zoé@example.org"
    add(doors.database, login)
    attempt = {"door": "user", "principal": login, "address": CLIENT}
    assert log_in(doors.http, login, PASSWORD).status_code == 200
    assert doors.lines("login_succeeded") == [attempt]
    log_in(doors.http, login, "a wrong password")
    assert doors.lines("login_failed") == [{**attempt, "cause": "wrong password"}]
    log_in(doors.http, "nobody\x1b[31m", "a wrong password")
    (unknown,) = doors.lines("login_failed")
    assert (unknown["cause"], "\x1b" in unknown["principal"]) == ("unknown login", False)
    monkeypatch.setattr(throttle, "MOST_WAITING", 0)
    for _ in range(PER_LOGIN):
        log_in(doors.http, login, "a wrong password")
    assert doors.lines("login_throttled") == [{**attempt, "cause": "login"}]
    on(doors.database, lambda c: disable_user(c, login))
    with psycopg.connect(doors.database) as connection:
        connection.execute("TRUNCATE login_failure")
    log_in(doors.http, login, PASSWORD)
    assert doors.lines("login_failed") == [{**attempt, "cause": "account disabled"}]
    assert "a wrong password" not in doors.written
    assert PASSWORD not in doors.written


def test_one_time_codes(doors: Doors) -> None:
    login = "codes@example.org"
    add(doors.database, login)
    enrolment = on(doors.database, lambda c: enable_totp(c, login))
    for code in ("123456", *enrolment.recovery_codes):
        body = {"login": login, "password": PASSWORD, "oneTimeCode": code}
        doors.http.post("/api/v1/login", json=body)
    (failed,) = doors.lines("login_failed")
    assert failed == {
        "door": "code", "principal": login, "address": CLIENT, "cause": "wrong one-time code",
    }  # fmt: skip
    for code in ("123456", *enrolment.recovery_codes, enrolment.uri):
        assert code not in doors.written


def test_keys_and_tokens_of_integrators(doors: Doors) -> None:
    name = "Portail Zoé"
    key = on(
        doors.database,
        lambda c: integrators.add_integrator(
            c, user_name=name, password=PASSWORD, scope=Scope(read_only=True)
        ),
    )
    doors.lines("administrative_act")

    def ask(key: str, password: str = PASSWORD) -> Any:
        return doors.http.post(
            "/api/Token",
            json={"UserName": name, "Password": password},
            headers={"x-api-key": key, "Accept": "text/plain"},
        )

    def read(token: str) -> int:
        headers = {"Authorization": f"Bearer {token}"}
        return doors.http.get("/api/Units?$top=1", headers=headers).status_code

    token = ask(key).text
    assert read(token) == 200
    ask("gk_a_wrong_key")
    rejected = {"principal": None, "address": CLIENT}
    assert doors.lines("token_rejected") == [
        {**rejected, "door": "integrator", "cause": "unknown key"}
    ]
    ask(key, "a wrong password")
    (failed,) = doors.lines("login_failed")
    assert (failed["door"], failed["principal"]) == ("integrator", name)
    statuses = [read(f"wrong.{n}.token") for n in range(PER_NETWORK + 1)]
    assert statuses == [401] * PER_NETWORK + [429]
    assert doors.lines("token_throttled") == [{**rejected, "door": "bearer", "cause": "malformed"}]
    assert read(token) == 200
    answer = doors.http.delete("/api/Units(1)", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 403
    assert doors.lines("access_denied") == [
        {"principal": name, "address": CLIENT, "method": "DELETE", "path": "/api/Units(1)"}
    ]
    on(doors.database, lambda c: integrators.disable_integrator(c, name))
    assert (ask(key).status_code, read(token)) == (401, 401)
    disabled = {"principal": name, "address": CLIENT, "cause": "integrator disabled"}
    assert doors.lines("disabled_credential_used") == [
        {**disabled, "door": door} for door in ("integrator", "bearer")
    ]
    for secret in (key, "gk_a_wrong_key", token, "wrong.1.token", "a wrong password", PASSWORD):
        assert secret not in doors.written


def test_tokens_and_sftp_of_partners(doors: Doors) -> None:
    async def set_up(connection: Connection) -> None:
        await add_partner(
            connection, code="FOUSSIER", name="Foussier", sources=["Foussier"], token=TOKEN
        )
        await give_access(connection, "FOUSSIER", password=PASSWORD)

    def ask(token: str) -> int:
        headers = {"Authorization": f'Token token="{token}"'}
        return doors.http.get("/v1/customers", headers=headers).status_code

    async def sftp(password: str) -> str | None:
        async with open_pool(doors.database, size=4, statement_timeout_ms=5000) as pool:
            return await code_by_password(pool, "FOUSSIER", password, CLIENT)

    on(doors.database, set_up)
    assert (ask(TOKEN), ask("unknown0unknown0unknown0")) == (200, 401)
    (rejected,) = doors.lines("token_rejected")
    assert (rejected["door"], rejected["cause"]) == ("partner", "unknown token")
    assert asyncio.run(sftp("a wrong password")) is None
    (failed,) = doors.lines("login_failed")
    assert failed == {
        "door": "sftp", "principal": "FOUSSIER", "address": CLIENT, "cause": "wrong password",
    }  # fmt: skip
    assert asyncio.run(sftp(PASSWORD)) == "FOUSSIER"
    on(doors.database, lambda c: set_disabled(c, "FOUSSIER", True))
    assert (ask(TOKEN), asyncio.run(sftp(PASSWORD))) == (401, None)
    lines = doors.lines("disabled_credential_used")
    assert [(line["door"], line["principal"], line["cause"]) for line in lines] == [
        ("partner", "FOUSSIER", "partner disabled")
    ]
    for secret in (TOKEN, "unknown0unknown0unknown0", "a wrong password", PASSWORD):
        assert secret not in doors.written


def test_administrative_acts_and_a_counter_for_each_event(doors: Doors) -> None:
    def counted() -> float:
        return metrics.SECURITY.labels("administrative_act")._value.get()

    before = counted()
    login = "acts@example.org"
    add(doors.database, login)
    assert doors.lines("administrative_act") == [
        {"actor": "operator", "act": "user added", "subject": login}
    ]
    assert counted() == before + 1


def test_a_partner_logs_in_by_sftp_where_others_guess_its_password(doors: Doors) -> None:
    async def set_up(connection: Connection) -> None:
        await add_partner(
            connection, code="GUESSED", name="Guessed", sources=["G"], token=TOKEN[::-1]
        )
        await give_access(connection, "GUESSED", password=PASSWORD)

    on(doors.database, set_up)

    async def attempts() -> list[str | None]:
        async with open_pool(doors.database, size=2, statement_timeout_ms=5000) as pool:
            passwords = ["a wrong password"] * PER_LOGIN + [PASSWORD]
            return [await code_by_password(pool, "GUESSED", p, CLIENT) for p in passwords]

    assert asyncio.run(attempts()) == [None] * PER_LOGIN + ["GUESSED"]
