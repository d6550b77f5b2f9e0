"""Tokens: whom they stand for, until when, and what ends them."""

import asyncio
import base64
import json
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import psycopg
import pytest
import time_machine
from joserfc import jwt
from joserfc.jwk import OctKey
from tests.living import on

from gerance.kernel.db import Connection, open_pool
from gerance.kernel.errors import Rejection
from gerance.kernel.identity import bearer, tokens
from gerance.kernel.identity.bearer import Bearers, Integrator
from gerance.kernel.identity.tokens import LIFETIME_SECONDS, sign
from gerance.kernel.odata.versions import read_versions, sets_changed

NOON = 1_800_000_000
KEY = b"k" * 32


class Desk:
    """One process's Bearers, asked as requests ask it."""

    def __init__(self, database: str) -> None:
        self.database = database
        self.loads = 0
        self._runner = asyncio.Runner()
        self._pool = open_pool(database, size=4, statement_timeout_ms=5000)
        self._runner.run(self._pool.open())
        self._bearers = Bearers(self._pool)

    def close(self) -> None:
        self._runner.run(self._pool.close())
        self._runner.close()

    def ask(self, *headers: str | None, generation: str | None = None) -> list[Integrator]:
        """Whom the headers stand for, all asked at once."""

        async def asked() -> list[Integrator]:
            async with self._pool.connection() as connection:
                now = generation or (await read_versions(connection)).of("integrator")
            each = (self._bearers.integrator(header, now) for header in headers)
            return list(await asyncio.gather(*each))

        return self._runner.run(asked())

    def refused(self, header: str | None, **given: Any) -> Rejection:
        with pytest.raises(Rejection) as caught:
            self.ask(header, **given)
        assert (caught.value.code, caught.value.status) == ("Unauthorized", 401)
        return caught.value


@pytest.fixture
def desk(database: str) -> Iterator[Desk]:
    made = Desk(database)
    yield made
    made.close()


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with time_machine.travel(NOON, tick=True):
        yield


def change(database: str, sql: str, *values: Any) -> None:
    """Change integrators as the product does, telling every process."""

    async def changed(connection: Connection) -> None:
        async with connection.transaction():
            await connection.execute(sql, values)
            await sets_changed(connection, ["integrator"])

    on(database, changed)


def integrator(database: str, **given: Any) -> str:
    """The uid of a new integrator whose signing key is KEY."""
    uid = str(uuid4())
    columns = {
        "uid": uid, "name": "Portail", "user_name": f"portail-{uid}", "key_hash": uid.encode(),
        "password_hash": "x", "signing_key": KEY, **given,
    }  # fmt: skip
    marks = ", ".join(["%s"] * len(columns))
    change(
        database,
        f"INSERT INTO integrator ({', '.join(columns)}) VALUES ({marks})",
        *columns.values(),
    )
    return uid


def header(uid: str, key: bytes = KEY, *, now: float = NOON) -> str:
    return f"Bearer {sign(uid, key, now=now)[0]}"


def test_a_token_stands_for_its_integrator_and_its_rights(database: str, desk: Desk) -> None:
    uid = integrator(
        database,
        user_name="Portail",
        read_only=True,
        sets=["Units", "Buildings"],
        places='[{"company_no":3},{"company_no":4,"division_no":1}]',
    )
    (found,) = desk.ask(header(uid))
    assert found == Integrator(
        uid=uid,
        name="Portail",
        user_name="Portail",
        read_only=True,
        incidents=False,
        sets=frozenset({"Units", "Buildings"}),
        places=({"company_no": 3}, {"company_no": 4, "division_no": 1}),
    )


def test_the_scheme_is_read_without_case(database: str, desk: Desk) -> None:
    token = header(integrator(database)).removeprefix("Bearer ")
    for sent in (f"bearer {token}", f"BEARER   {token} ", f" Bearer {token}"):
        assert len(desk.ask(sent)) == 1


@pytest.mark.parametrize("sent", [None, "", " ", "Bearer", "Bearer ", "Basic dTpw", "eyJ.e30.x"])
def test_without_a_token_one_is_asked_for(desk: Desk, sent: str | None) -> None:
    refused = desk.refused(sent)
    assert refused.headers == {"WWW-Authenticate": "Bearer"}
    assert "Bearer <token>" in refused.message
    assert "POST /api/Token" in refused.message


def part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def forged(uid: str, head: Any, key: bytes = KEY, **claims: Any) -> str:
    said = {"sub": uid, "iat": NOON, "exp": NOON + 60, "iss": "gerance"} | claims
    algorithm = head["alg"]
    return jwt.encode(head, said, OctKey.import_key(key), algorithms=[algorithm])


@pytest.mark.parametrize(
    "made",
    [
        lambda uid: "x",
        lambda uid: "a.b.c",
        lambda uid: "x" * 100_000,
        lambda uid: f"{part({'alg': 'none'})}.{part({'sub': uid})}.",
        lambda uid: f"{part({'alg': 'none'})}.{part({'sub': uid, 'exp': 9**12})}.x",
        lambda uid: f"{part([])}.{part({'sub': uid})}.x",
        lambda uid: f"{part({'alg': 'HS256'})}.{part(['sub'])}.x",
        lambda uid: f"{part({'alg': 'HS256'})}.{'W1tb' * 400}.x",
        lambda uid: f"{'W1tb' * 400}.{part({'sub': uid})}.x",
        lambda uid: forged(uid, {"alg": "HS512"}, KEY * 2),
        lambda uid: forged(uid, {"alg": "HS512"}),
        lambda uid: forged(uid, {"alg": "HS256"}, b"another key" * 3),
        lambda uid: forged(uid, {"alg": "HS256"}, iss="somebody"),
        lambda uid: forged(uid, {"alg": "HS256"}, sub=7),
        lambda uid: forged(uid, {"alg": "HS256"}, exp="tomorrow"),
        lambda uid: forged(str(uuid4()), {"alg": "HS256"}),
        lambda uid: sign(uid, KEY, now=NOON)[0] + "!!",
        lambda uid: sign(uid, KEY, now=NOON)[0][:-2],
        lambda uid: sign(uid, KEY, now=NOON)[0] + "é",
    ],
)
def test_what_was_not_signed_here_is_refused(
    database: str, desk: Desk, made: Callable[[str], str]
) -> None:
    token = made(integrator(database))
    refused = desk.refused(f"Bearer {token}")
    assert refused.headers == {"WWW-Authenticate": 'Bearer error="invalid_token"'}
    assert token not in refused.message


def test_a_token_lives_for_a_day(database: str, desk: Desk) -> None:
    sent = header(integrator(database))
    with time_machine.travel(NOON + LIFETIME_SECONDS - 1, tick=False):
        assert len(desk.ask(sent)) == 1
    with time_machine.travel(NOON + LIFETIME_SECONDS, tick=False):
        refused = desk.refused(sent)
    assert "expired at 2027-01-16T08:00:00.000Z" in refused.message
    assert "invalid_token" in refused.headers["WWW-Authenticate"]


def test_an_old_token_is_refused_at_first_sight_too(database: str, desk: Desk) -> None:
    sent = header(integrator(database), now=NOON - LIFETIME_SECONDS)
    assert "expired" in desk.refused(sent).message


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE integrator SET disabled = true WHERE uid = %s",
        "UPDATE integrator SET signing_key = 'another' WHERE uid = %s",
        "DELETE FROM integrator WHERE uid = %s",
    ],
)
def test_a_change_ends_tokens_at_once(database: str, desk: Desk, sql: str) -> None:
    uid, other = integrator(database), integrator(database)
    assert len(desk.ask(header(uid))) == 1
    change(database, sql, uid)
    assert "unknown" in desk.refused(header(uid)).message
    assert desk.ask(header(other))[0].uid == other


def test_a_changed_right_is_seen_at_once(database: str, desk: Desk) -> None:
    uid = integrator(database)
    assert desk.ask(header(uid))[0].sets is None
    change(database, "UPDATE integrator SET sets = '{Units}' WHERE uid = %s", uid)
    assert desk.ask(header(uid))[0].sets == frozenset({"Units"})


def test_the_database_is_asked_once_for_all_who_ask_at_once(
    database: str, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Each load adds one to what this sequence has given.
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE SEQUENCE loads")
        counting = f"{bearer._ALL} WHERE (SELECT nextval('loads')) > 0"
        monkeypatch.setattr(bearer, "_ALL", counting)
        uid = integrator(database)
        desk.ask(*[header(uid)] * 30)
        for _ in range(3):
            desk.ask(header(uid))
        assert connection.execute("SELECT nextval('loads')").fetchone() == (2,)
        change(database, "UPDATE integrator SET name = 'New' WHERE uid = %s", uid)
        assert {each.name for each in desk.ask(*[header(uid)] * 30)} == {"New"}
        assert connection.execute("SELECT nextval('loads')").fetchone() == (4,)
        connection.execute("DROP SEQUENCE loads")


def test_a_token_is_verified_once(
    database: str, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    verify, verifications = tokens.verify_token, []

    def counting(token: str, key: bytes) -> tokens.TokenClaims:
        verifications.append(token)
        return verify(token, key)

    monkeypatch.setattr(bearer, "verify_token", counting)
    monkeypatch.setattr(bearer, "CACHED_TOKENS", 2)
    sent = [header(integrator(database)) for _ in range(3)]
    desk.ask(sent[0], sent[1], sent[0], sent[1])
    assert len(verifications) == 2
    desk.ask(sent[2], sent[2], sent[0])
    assert len(verifications) == 4
