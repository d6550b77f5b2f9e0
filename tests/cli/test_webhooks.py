"""Operators see the addresses of everybody, and pause, switch off and tell them again."""

import json
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from tests.cli.conftest import Gerance

URL = "https://crm.example/hook"


@pytest.fixture
def uid(database: str) -> str:
    """An address of the integrator `portail`, with a call that failed."""
    made, owner = str(uuid4()), str(uuid4())
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("truncate integrator, endpoint, outbox, delivery cascade")
        connection.execute(
            "INSERT INTO integrator (uid, name, user_name, key_hash, password_hash, signing_key)"
            " VALUES (%s, 'Portail', 'portail', 'k', 'p', 's')",
            [owner],
        )
        connection.execute(
            "INSERT INTO endpoint (uid, flavour, owner, url, secret, headers)"
            " VALUES (%s, 'rentals', %s, %s, 'whsec_c2VjcmV0', '[[\"key\", \"topsecret\"]]')",
            [made, owner, URL],
        )
        connection.execute(
            "INSERT INTO outbox (endpoint, position, stream, due, failures)"
            " VALUES (%s, 7, %s, 'infinity', 10)",
            [made, owner],
        )
        connection.execute(
            "INSERT INTO delivery (endpoint, flavour, owner, position, category, stream,"
            " event_type, message_id, attempt, url, at, duration_ms, outcome, status, failure,"
            " detail, request, answer) VALUES (%s, 'rentals', %s, 7, 'Unit', %s, 'UnitChanged',"
            " 'evt_7', 10, %s, now(), 12.5, 'dead', 500, 'status', 'It answered 500.', '', '')",
            [made, owner, owner, URL],
        )
    return made


def listed(gerance: Gerance, *arguments: str) -> Any:
    done = gerance("webhooks", *arguments, "--json")
    assert done.returncode == 0, done.stderr
    assert "secret" not in done.stdout
    return json.loads(done.stdout)


def test_an_address_is_listed_with_its_owner_and_how_it_fares(gerance: Gerance, uid: str) -> None:
    (row,) = listed(gerance, "list")
    assert (row["uid"], row["owner"], row["url"]) == (uid, "portail", URL)
    assert (row["state"], row["waiting"], row["dead"]) == ("active", 1, 1)
    assert "portail" in gerance("webhooks", "list").stdout
    (call,) = listed(gerance, "deliveries", "--uid", uid, "--outcome", "dead")
    assert (call["outcome"], call["status"], call["eventType"]) == ("dead", 500, "UnitChanged")
    assert listed(gerance, "deliveries", "--outcome", "delivered") == []


def test_it_is_paused_switched_off_and_resumed(gerance: Gerance, uid: str) -> None:
    for act, state, reason in (
        ("pause", "paused", None), ("off", "off", "operator"), ("resume", "active", None),
    ):  # fmt: skip
        assert gerance("webhooks", act, uid).returncode == 0
        (row,) = listed(gerance, "list", "--state", state)
        assert (row["state"], row["reason"]) == (state, reason)


def test_what_failed_is_told_again(gerance: Gerance, uid: str) -> None:
    assert gerance("webhooks", "replay", uid, "--failed").stdout == "Replaying 1 event.\n"
    assert listed(gerance, "list")[0]["dead"] == 0
    for moment in ("2026-01-01T00:00:00Z", "2026-01-01T01:00+01:00", "2026-01-01T01:00:00.5+0100"):
        again = gerance("webhooks", "replay", uid, "--since", moment)
        assert (again.stdout, again.stderr) == ("Replaying 0 events.\n", "")


def test_what_is_wrong_is_said_in_a_line(gerance: Gerance, uid: str) -> None:
    for arguments, told in (
        (("pause", str(uuid4())), "There is no endpoint"),
        (("replay", uid), "--position, --failed and --since: choose one"),
        (("replay", uid, "--since", "2026-01-01"), "Expected a date and time with offset"),
        (("replay", uid, "--since", "2026-02-30T00:00:00Z"), "is no moment"),
        (("replay", uid, "--position", "8"), "never received event 8"),
        (("list", "--state", "broken"), "expected one of active, paused, off"),
    ):
        failed = gerance("webhooks", *arguments)
        assert failed.returncode == 1
        assert told in failed.stderr
