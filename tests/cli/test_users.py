"""Accounts are added, listed, changed and disabled from the command line."""

import json
from typing import Any

import psycopg
import pytest
from tests.cli.conftest import Gerance

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def _no_accounts(database: str) -> None:
    with psycopg.connect(database) as connection:
        connection.execute("truncate account cascade")


def add(gerance: Gerance, login: str, *more: str, stdin: str = PASSWORD) -> Any:
    names = ("--kind", "superUser", "--last-name", "Roux")
    return gerance("users", "add", login, *names, *more, stdin=stdin)


def listed(gerance: Gerance) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(gerance("users", "list", "--json").stdout)
    return rows


def test_an_added_user_is_listed(gerance: Gerance) -> None:
    assert gerance("users", "list").stdout.startswith("There is no account yet")
    added = add(gerance, "anne", "--password-stdin", "--json")
    assert added.returncode == 0, added.stderr
    assert PASSWORD not in added.stdout
    (row,) = listed(gerance)
    assert (row["login"], row["kind"], row["lastName"]) == ("anne", "superUser", "Roux")
    assert row["uid"] == json.loads(added.stdout)["uid"]
    assert row["uid"] in gerance("users", "list").stdout


def test_a_generated_password_is_shown_once(gerance: Gerance) -> None:
    shown = json.loads(add(gerance, "bob", "--generate", "--json", stdin="").stdout)
    assert len(shown["password"]) >= 20
    assert shown["password"] not in gerance("users", "list", "--json").stdout


def test_a_disabled_user_is_listed_as_such(gerance: Gerance) -> None:
    add(gerance, "anne", "--password-stdin")
    assert gerance("users", "disable", "anne").returncode == 0
    assert listed(gerance)[0]["disabled"] is True


def test_the_edition_of_an_account_is_set(gerance: Gerance) -> None:
    add(gerance, "anne", "--password-stdin")
    assert (listed(gerance)[0]["edition"], listed(gerance)[0]["hiddenTypes"]) == ("2020", [])
    changed = gerance("users", "edition", "anne", "2017", "--hide", "TicketClosed")
    assert changed.returncode == 0, changed.stderr
    assert changed.stdout == "The client of anne reads the edition of 2017, without TicketClosed.\n"
    (row,) = listed(gerance)
    assert (row["edition"], row["hiddenTypes"]) == ("2017", ["TicketClosed"])


def test_a_password_is_changed(gerance: Gerance, database: str) -> None:
    add(gerance, "anne", "--password-stdin")
    with psycopg.connect(database, autocommit=True) as connection:
        before = connection.execute("select password_hash from account").fetchone()
        changed = gerance("users", "password", "anne", "--password-stdin", stdin=PASSWORD + "!\n")
        assert changed.returncode == 0, changed.stderr
        assert connection.execute("select password_hash from account").fetchone() != before


@pytest.mark.parametrize(
    ("arguments", "stdin", "told"),
    [
        (["users", "disable", "nobody"], "", "no user with the login nobody"),
        (["users", "edition", "nobody", "2017"], "", "no user with the login nobody"),
        (["users", "edition", "nobody", "2018"], "", "not an edition: 2016, 2017, 2020"),
        (
            ["users", "edition", "x", "2017", "--hide", "X"],
            "",
            "no event type and no kind of user 'X'",
        ),
        (["users", "password", "anne"], "", "use --password-stdin"),
        (["users", "password", "nobody", "--password-stdin"], PASSWORD, "no user with the login"),
        (
            ["users", "add", "x", "--kind", "king", "--last-name", "X", "--password-stdin"],
            PASSWORD,
            "not a kind of user",
        ),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(
    gerance: Gerance, arguments: list[str], stdin: str, told: str
) -> None:
    refused = gerance(*arguments, stdin=stdin)
    assert refused.returncode == 1
    assert refused.stdout == ""
    assert refused.stderr.startswith("gerance: ")
    assert told in refused.stderr
    assert "Traceback" not in refused.stderr
