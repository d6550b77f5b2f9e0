"""Secrets are stored encrypted, wherever the schema has some, and a key that is lost is named."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest
from psycopg import AsyncConnection

from gerance import migrations
from gerance.kernel import keyring
from gerance.kernel.identity.accounts import add_user
from gerance.kernel.identity.integrators import add_integrator, disable_integrator
from gerance.kernel.identity.one_time_codes import enable_totp
from gerance.kernel.identity.scope import Scope
from gerance.kernel.keyring import PREFIX, Keyring, SecretKeyError, new_key
from gerance.kernel.settings import Settings, load_settings
from gerance.kernel.stored_secrets import (
    COLUMNS,
    ENDPOINT_SECRET,
    SIGNING_KEY,
    encrypt_all,
    plain_columns,
    require_keys,
)
from gerance.kernel.webhooks.endpoints import add_endpoint, change_endpoint, rotate_secret
from gerance.partners.billing_exchange.push import set_target
from gerance.partners.billing_exchange.target import PushTarget

PASSWORD = "four walls, no roof 2031"

NO_SECRETS = {
    "account.password_hash": "argon2id",
    "integrator.key_hash": "SHA-256 of a random key",
    "integrator.password_hash": "argon2id",
    "session.token_hash": "SHA-256 of a random token",
    "partner_file_access.password_hash": "argon2id",
    "partner_file_access.public_keys": "public",
    "idempotency_key.key": "a name that the client chose",
    "login_failure.key": "a login or an address",
    "login_address.key": "a login or an address",
    "token_key.key": "signs tokens that are good for their principal only, who logs in as well",
    "account.recovery_hashes": "SHA-256 of random codes",
}
"""Columns with a telling name that hold nothing to encrypt, and why."""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """Settings of an installation whose keys are in a file; the process uses them."""
    monkeypatch.setenv("GERANCE_SECRET_KEY", "")
    monkeypatch.setattr(keyring, "_keyring", None)
    keyring._decrypted.cache_clear()
    yield load_settings(home=tmp_path / "home")
    keyring._decrypted.cache_clear()


@pytest.fixture
def connection(database: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(
            "TRUNCATE account, endpoint, integrator, partner_push_target, partner CASCADE"
        )
        yield connection


def done(url: str, *acts: Callable[[AsyncConnection], Awaitable[Any]]) -> list[Any]:
    async def run() -> list[Any]:
        async with await AsyncConnection.connect(url, autocommit=True) as connection:
            return [await act(connection) for act in acts]

    return asyncio.run(run())


def filled(url: str, connection: psycopg.Connection) -> list[str]:
    """An installation with a secret in each column; the secrets."""
    connection.execute("INSERT INTO partner (code, name) VALUES ('P', 'P')")
    target = PushTarget(
        scheme="sftp",
        host="h.example",
        port=22,
        user="u",
        directory="/",
        password="push-password-1",
    )
    headers = [("X-Key", "header-secret-1")]

    async def endpoint(c: AsyncConnection) -> list[str]:
        uid, secret = await add_endpoint(
            c, flavour="rentals", owner="o", url="https://x.example", headers=headers
        )
        fresh = await rotate_secret(c, uid, owner="o", overlap_seconds=600)
        await change_endpoint(c, uid, owner="o", headers=[*headers, ("X-Two", "header-secret-2")])
        return [secret, fresh]

    secrets, _, enrolment, _, _ = done(
        url, endpoint,
        lambda c: add_user(
            c, kind="superUser", login="a@b.example", password=PASSWORD, first_name=None,
            last_name="N",
        ),
        lambda c: enable_totp(c, "A@b.example"),
        lambda c: add_integrator(c, user_name="i", password=PASSWORD, scope=Scope()),
        lambda c: set_target(c, "P", target),
    )  # fmt: skip
    totp = enrolment.uri.partition("secret=")[2].partition("&")[0]
    return [*secrets, totp, "header-secret-1", "header-secret-2", "push-password-1"]


def stored(connection: psycopg.Connection) -> dict[str, str]:
    """Every value of the columns that have secrets, as text."""
    return {
        f"{c.table}.{c.name}": str(connection.execute(f"SELECT {c.name} FROM {c.table}").fetchall())
        for c in COLUMNS
    }


def test_nothing_that_is_stored_has_a_secret_in_the_clear(
    database: str, connection: psycopg.Connection, home: Settings
) -> None:
    require_keys(connection, home)
    secrets = filled(database, connection)
    values = stored(connection)
    assert all(PREFIX in value for value in values.values())
    rows = connection.execute(
        "SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN"
        " ('pg_catalog', 'information_schema')"
    ).fetchall()
    assert {"public", "rentals"} <= {schema for schema, _ in rows}
    dump = "".join(
        str(connection.execute(f'SELECT t::text FROM "{s}"."{t}" t').fetchall()) for s, t in rows
    )
    assert [secret for secret in secrets if secret in dump] == []
    assert (home.home / "secret_key").stat().st_mode & 0o777 == 0o600


def test_values_of_the_previous_release_are_read_and_then_encrypted(
    database: str, connection: psycopg.Connection, home: Settings
) -> None:
    key, secret = b"k" * 32, "whsec_" + "A" * 43 + "="
    connection.execute(
        "INSERT INTO integrator (uid, name, user_name, key_hash, password_hash, signing_key)"
        " VALUES (gen_random_uuid(), 'n', 'n', 'h', 'p', %s)", [key],
    )  # fmt: skip
    connection.execute(
        "INSERT INTO endpoint (uid, flavour, owner, url, secret, headers) VALUES"
        " (gen_random_uuid(), 'rentals', 'o', 'https://x.example', %s, %s)",
        [secret, json.dumps([["X-Key", "v"]])],
    )
    require_keys(connection, home)
    assert plain_columns(connection) == [
        "endpoint.secret", "endpoint.headers", "integrator.signing_key",
    ]  # fmt: skip
    assert keyring.decrypt_bytes(SIGNING_KEY, "any", key) == key
    assert done(database, encrypt_all) == [3]
    assert done(database, encrypt_all) == [0]
    assert plain_columns(connection) == []
    row = connection.execute("SELECT uid::text, secret FROM endpoint").fetchone()
    assert row
    assert keyring.decrypt(ENDPOINT_SECRET, *row) == secret
    row = connection.execute("SELECT uid::text, signing_key FROM integrator").fetchone()
    assert row
    assert keyring.decrypt_bytes(SIGNING_KEY, *row) == key


def test_a_rotation_re_encrypts_while_a_server_goes_on(
    database: str, connection: psycopg.Connection, home: Settings
) -> None:
    require_keys(connection, home)
    filled(database, connection)
    server = Keyring(home)
    (first,) = server.ids()
    Keyring(home).add_first()
    # What a server stores meanwhile is under the new key, what it reads under either.
    assert server.ids()[1] == first
    assert server.encrypt("a", "b", "c").split(":")[2] == server.ids()[0]
    assert done(database, encrypt_all) == [6]
    assert all(f"{PREFIX}{first}" not in value for value in stored(connection).values())
    assert Keyring(home).forget([]) == [first]
    require_keys(connection, home)
    uid = connection.execute("SELECT uid::text, secret FROM endpoint").fetchone()
    assert uid
    assert server.decrypt(ENDPOINT_SECRET, *uid).startswith("whsec_")


def test_a_missing_key_is_one_clear_error_and_none_is_made(
    database: str, connection: psycopg.Connection, home: Settings
) -> None:
    require_keys(connection, home)
    filled(database, connection)
    (lost,) = keyring.keyring().ids()
    (home.home / "secret_key").unlink()
    with pytest.raises(SecretKeyError, match=f"id {lost}.*Restore that key from its backup"):
        require_keys(connection, home)
    assert not (home.home / "secret_key").exists()
    with pytest.raises(SecretKeyError, match=lost):
        require_keys(connection, msgspec.structs.replace(home, secret_key=(new_key(),)))


def test_a_value_of_another_row_or_column_is_refused(home: Settings) -> None:
    ring = Keyring(home)
    ring.create()
    value = ring.encrypt("endpoint.secret", "1", "s")
    assert ring.decrypt("endpoint.secret", "1", value) == "s"
    for place, row, text in (
        ("endpoint.secret", "2", value),
        ("account.totp_secret", "1", value),
        ("endpoint.secret", "1", value[:-6] + "AAAAA="),
    ):
        with pytest.raises(SecretKeyError, match="damaged"):
            ring.decrypt(place, row, text)


@pytest.mark.parametrize("text", ["short", "", "not base64 !", "A" * 44 + "A"])
def test_a_malformed_key_is_named_but_not_shown(home: Settings, text: str) -> None:
    home.home.mkdir()
    (home.home / "secret_key").write_text(f"{new_key()}\n\n{text or 'x'}\n")
    (home.home / "secret_key").chmod(0o600)
    with pytest.raises(SecretKeyError) as raised:
        Keyring(home).ids()
    assert str(home.home / "secret_key") in str(raised.value)
    assert "short" not in str(raised.value)


def test_a_disabled_integrator_has_a_new_signing_key(
    database: str, connection: psycopg.Connection, home: Settings
) -> None:
    require_keys(connection, home)
    filled(database, connection)
    select = "SELECT uid::text, signing_key FROM integrator"
    before = connection.execute(select).fetchone()
    done(database, lambda c: disable_integrator(c, "I"))
    after = connection.execute(select).fetchone()
    assert before
    assert after
    keys = {keyring.decrypt_bytes(SIGNING_KEY, *row) for row in (before, after)}
    assert sorted(map(len, keys)) == [32, 32]


def test_every_column_that_sounds_like_a_secret_is_decided() -> None:
    """A new one is encrypted (COLUMNS), or the reason why not is written above."""
    schema = (Path(migrations.__file__).parent / "schema.sql").read_text(encoding="utf-8")
    telling = re.compile(
        r"^  (\w*(?:secret|key|password|token|_hash|headers|document)\w*) ", re.MULTILINE
    )
    decided = {f"{c.table}.{c.name}" for c in COLUMNS} | NO_SECRETS.keys()
    documents = {"agency.document", "patrimony_contact.document", "ticket.purpose_key",
                 "ticket.city_key", "idempotency_key.headers"}  # fmt: skip
    found = set()
    tables = re.findall(r"TABLE ([\w.]+) \((.*?)\n\)", schema, re.DOTALL)
    assert len(tables) == len(re.findall(r"^CREATE [\w ]*TABLE", schema, re.MULTILINE))
    for table, body in tables:
        # What a name is sorted by stands beside the name.
        sorted_by = {f"{name}_key" for name in re.findall(r"^  (\w+) ", body, re.MULTILINE)}
        found |= {f"{table}.{name}" for name in telling.findall(body) if name not in sorted_by}
    assert found - decided - documents == set()
