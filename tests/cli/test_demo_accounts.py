"""Accounts whose passwords are public do not serve, however they came into the database."""

import asyncio
import json
import shlex
from collections.abc import Awaitable, Callable
from typing import Any

import psycopg
import pytest
from psycopg import AsyncConnection
from tests.cli.conftest import Gerance

from gerance.cli.demo_accounts import demo_accounts
from gerance.demo import credentials
from gerance.demo.partners import PARTNERS
from gerance.demo.world import build_world
from gerance.demo.world_accounts import INTEGRATOR
from gerance.kernel.identity import passwords
from gerance.kernel.identity.accounts import add_user, disable_user, set_password
from gerance.kernel.identity.integrators import add_integrator, rotate_integrator
from gerance.kernel.identity.passwords import published_passwords
from gerance.kernel.identity.scope import Scope
from gerance.partners.billing_exchange.access import give_access
from gerance.partners.programme.partners import add_partner, set_disabled

USERS = ("user super@demo.gerance.example", "user centre@demo.gerance.example")


@pytest.fixture
def url(database: str) -> str:
    """A database with accounts of the demonstration, and one that is nobody's business."""
    with published_passwords():
        return _with_accounts(database)


def _with_accounts(database: str) -> str:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("TRUNCATE account, integrator, partner, partner_file_access CASCADE")
    done(database, *[add(user.login) for user in build_world().users[:2]])
    done(
        database,
        lambda c: add_user(
            c, kind="superUser", login="me@example.org", password="four walls, no roof 2031",
            first_name=None, last_name="M",
        ),
        lambda c: add_integrator(
            c, user_name=INTEGRATOR["userName"], password=INTEGRATOR["password"],
            api_key=INTEGRATOR["apiKey"], scope=Scope(),
        ),
        lambda c: add_partner(
            c, code="FOUSSIER", name="F", sources=["F"], token=PARTNERS[0]["token"]
        ),
        lambda c: give_access(c, "FOUSSIER", password=PARTNERS[0]["sftpPassword"]),
    )  # fmt: skip
    return database


def add(login: str) -> Callable[[AsyncConnection], Awaitable[Any]]:
    user = next(user for user in build_world().users if user.login == login)

    def act(connection: AsyncConnection) -> Awaitable[Any]:
        return add_user(
            connection, kind=user.kind, login=user.login, password=user.password, first_name=None,
            last_name="N",
            company_uid=user.company_uid,
        )  # fmt: skip

    return act


def done(url: str, *acts: Callable[[AsyncConnection], Awaitable[Any]]) -> list[Any]:
    async def run() -> list[Any]:
        async with await AsyncConnection.connect(url, autocommit=True) as connection:
            return [await act(connection) for act in acts]

    return asyncio.run(run())


def test_each_published_credential_is_found_until_it_is_replaced(url: str) -> None:
    def found() -> list[str]:
        return [account.name for account in demo_accounts(url)]

    rest = ["partner FOUSSIER", "integrator integrateur", "SFTP user FOUSSIER"]
    assert sorted(found()) == sorted([*USERS, *rest])
    done(url, lambda c: set_password(c, "super@demo.gerance.example", "five walls, no roof 2032"))
    done(url, lambda c: disable_user(c, "centre@demo.gerance.example"))
    assert found() == rest
    done(url, lambda c: rotate_integrator(c, INTEGRATOR["userName"]))
    assert found() == rest[::2]
    done(url, lambda c: give_access(c, "FOUSSIER", password="five walls, no roof 2032"))
    assert found() == rest[:1]
    done(url, lambda c: set_disabled(c, "FOUSSIER", True))
    assert found() == []


@pytest.mark.parametrize(
    "words",
    [
        "serve --port 0 --admin-port 0",
        "sftp --port 0",
        "mail listen --port 0 --recipient a@b.example --no-require-dkim",
    ],
)
def test_what_serves_says_so_and_does_not_start(words: str, url: str, gerance: Gerance) -> None:
    refused = gerance(*words.split())
    assert refused.returncode == 1
    told = [line for line in refused.stderr.splitlines() if line.startswith("gerance: ")]
    assert told == [
        (
            "gerance: this database has demonstration accounts, whose passwords are public, such as"
            " partner FOUSSIER. `gerance doctor` lists all of them. Run `gerance demo` to try"
            " Gérance, use another --home or database for your data, or add --allow-demo-accounts"
        )
    ]


def accounts_of_doctor(gerance: Gerance, **variables: str) -> list[dict[str, Any]]:
    answered = gerance("doctor", "--json", **variables)
    return [each for each in json.loads(answered.stdout) if each["check"] == "accounts"]


def test_a_start_is_refused_at_the_first_account(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A token costs a look-up, each password some 100 ms."""
    checked: list[str] = []

    async def counted(password_hash: str, password: str) -> bool:
        checked.append(password)
        return await passwords.password_fits(password_hash, password)

    monkeypatch.setattr(credentials, "password_fits", counted)
    assert len(demo_accounts(url, limit=1)) == 1
    assert not checked
    done(url, lambda c: set_disabled(c, "FOUSSIER", True))
    assert len(demo_accounts(url, limit=1)) == 1
    assert len(checked) == 1


def test_each_account_is_verified_once(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also the one whose password is no longer a published one."""
    hashes: list[str] = []

    async def count(password_hash: str, password: str) -> bool:
        hashes.append(password_hash)
        return await passwords.password_fits(password_hash, password)

    done(url, lambda c: set_password(c, "super@demo.gerance.example", "five walls, no roof 2032"))
    monkeypatch.setattr(credentials, "password_fits", count)
    assert len(demo_accounts(url)) == 4
    assert len(hashes) == len(set(hashes)) == 4


def test_doctor_names_each_account_unless_they_are_allowed(url: str, gerance: Gerance) -> None:
    for allowed in (False, True):
        findings = accounts_of_doctor(gerance, GERANCE_ALLOW_DEMO_ACCOUNTS=str(allowed).lower())
        assert [finding["ok"] for finding in findings] == [allowed] * 5
        named = " ".join(finding["found"] for finding in findings)
        for account in (*USERS, "integrator integrateur", "partner FOUSSIER", "SFTP user FOUSSIER"):
            assert f"{account} accepts" in named


def test_the_commands_of_doctor_fix_accounts_of_every_kind(url: str, gerance: Gerance) -> None:
    assert "\n                   fix: gerance " in gerance("doctor").stdout
    for finding in accounts_of_doctor(gerance):
        command, *words = shlex.split(finding["remedy"])
        assert command == "gerance"
        password = ["--password-stdin"] if words[:2] == ["users", "password"] else []
        fixed = gerance(*words, *password, stdin="five walls, no roof 2032\n")
        assert fixed.returncode == 0, fixed.stderr
    (finding,) = accounts_of_doctor(gerance)
    assert finding["ok"], finding


@pytest.mark.parametrize("variable", ["GERANCE_HOST", "GERANCE_ADMIN_HOST", "GERANCE_SFTP_HOST"])
def test_a_demonstration_listens_to_this_machine_only(variable: str, gerance: Gerance) -> None:
    refused = gerance("demo", "--port", "0", "--admin-port", "0", **{variable: "0.0.0.0"})
    assert refused.returncode == 1
    assert "--expose-public-passwords" in refused.stderr
    assert "Traceback" not in refused.stderr
