"""`db` and `doctor` say what is wrong and the command that fixes it."""

import datetime
import json
import subprocess
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.cli.conftest import COMMAND, Gerance, clean_environment

from gerance.cli import certificate

NOWHERE = "postgresql://nobody@/none?host=/nowhere"


def findings(gerance: Gerance, **variables: str) -> dict[str, dict[str, Any]]:
    told = gerance("doctor", "--json", **variables)
    rows = json.loads(told.stdout)
    assert told.returncode == (0 if all(row["ok"] for row in rows) else 1)
    return {row["check"]: row for row in rows}


def test_a_migrated_database_lacks_nothing(gerance: Gerance) -> None:
    told = gerance("db", "check", "--json")
    assert told.returncode == 0
    assert json.loads(told.stdout)["pending"] == []
    assert "nothing to do" in gerance("db", "upgrade").stdout


def test_pending_migrations_are_named(gerance: Gerance, database: str) -> None:
    with psycopg.connect(database) as connection:
        connection.execute("alter table alembic_version rename to hidden")
    try:
        told = gerance("db", "check", "--json")
        assert told.returncode == 1
        assert json.loads(told.stdout)["pending"][0] == "0013_daily_job"
        assert findings(gerance)["migrations"]["remedy"] == "gerance db upgrade"
    finally:
        with psycopg.connect(database) as connection:
            connection.execute("alter table hidden rename to alembic_version")


def test_a_command_on_a_database_of_an_earlier_release_says_what_to_do(
    gerance: Gerance, database: str
) -> None:
    with psycopg.connect(database) as connection:
        connection.execute("alter table endpoint rename reason to because")
    try:
        told = gerance("webhooks", "list")
        assert told.returncode == 1
        assert told.stderr.startswith("gerance: the database schema is out of date")
        assert "`gerance db upgrade`" in told.stderr
    finally:
        with psycopg.connect(database) as connection:
            connection.execute("alter table endpoint rename because to reason")


def test_a_log_that_another_server_wrote_is_found_and_adopted(
    gerance: Gerance, database: str
) -> None:
    with psycopg.connect(database) as connection:
        connection.execute(
            "INSERT INTO event (transaction_id, category, stream, version, ordinal, event_type,"
            " process_uid, sent_date, data) VALUES ('9000000000', 'ticket', gen_random_uuid(), 1,"
            " 0, 'MessageAdded', gen_random_uuid(), now(), '{}')"
        )
    assert findings(gerance)["log"]["remedy"] == "gerance db upgrade"
    assert (
        "The event log came from another server: adopted its 1 events"
        in gerance("db", "upgrade").stdout
    )
    assert findings(gerance)["log"]["ok"]


@pytest.mark.parametrize(("days", "ok"), [(-40, False), (0, True), (3, False)])
def test_a_day_that_nobody_began_is_found_and_one_to_come(
    gerance: Gerance, database: str, days: int, ok: bool
) -> None:
    with psycopg.connect(database) as connection:
        connection.execute(
            "insert into scheduled_job (name, day) values ('rentals', %s), ('partners', %s)"
            " on conflict (name) do update set day = excluded.day",
            [datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=days)] * 2,
        )
    found = findings(gerance, GERANCE_TIMEZONE="UTC")["day"]
    with psycopg.connect(database) as connection:
        connection.execute("delete from scheduled_job")
    assert found["ok"] is ok
    assert bool(found["remedy"]) is not ok


def test_what_the_database_refuses_is_told_in_one_line(gerance: Gerance, database: str) -> None:
    read_only = psycopg.conninfo.make_conninfo(
        database, options="-c default_transaction_read_only=on"
    )
    told = gerance(
        "users", "add", "a@example.org", "--kind", "superUser", "--last-name", "A", "--generate",
        GERANCE_DATABASE_URL=read_only,
    )  # fmt: skip
    assert told.returncode == 1
    assert told.stderr.startswith(
        "gerance: the database rejected the command: cannot execute INSERT"
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a full device")
def test_an_answer_for_which_there_is_no_room_is_told_in_one_line(database: str) -> None:
    with Path("/dev/full").open("w") as full:
        told = subprocess.run(
            [COMMAND, "doctor", "--json"], stdout=full, stderr=subprocess.PIPE, text=True,
            check=False, env=clean_environment(GERANCE_DATABASE_URL=database),
        )  # fmt: skip
    assert told.returncode == 1
    assert told.stderr == "gerance: cannot write: No space left on device\n"


def test_a_later_release_has_migrated_already(gerance: Gerance, database: str) -> None:
    with psycopg.connect(database) as connection:
        row = connection.execute("select version_num from alembic_version").fetchone()
        assert row
        connection.execute("update alembic_version set version_num = '9999_later'")
    try:
        assert gerance("db", "check").returncode == 0
        assert gerance("db", "upgrade").returncode == 0
    finally:
        with psycopg.connect(database) as connection:
            connection.execute("update alembic_version set version_num = %s", row)


def test_a_schema_that_differs_from_the_declared_one_is_told(
    gerance: Gerance, database: str
) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("ALTER TABLE outbox RENAME claims TO tries")
        try:
            told = gerance("db", "check")
            found = findings(gerance)["schema"]
        finally:
            connection.execute("ALTER TABLE outbox RENAME tries TO claims")
    assert told.returncode == 1
    assert "Missing or different: column public.outbox.claims integer" in told.stdout
    assert (found["ok"], found["remedy"]) == (False, "gerance db check")


def test_a_sound_installation_has_no_finding(gerance: Gerance, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir(mode=0o700)
    found = findings(gerance)
    assert list(found) == [
        *("home", "disk", "tls", "database", "clock", "migrations", "schema", "secrets"),
        *("accounts", "log", "day"),
    ]
    assert all(finding["ok"] for finding in found.values())


def test_a_database_that_does_not_answer_is_found(gerance: Gerance) -> None:
    found = findings(gerance, GERANCE_DATABASE_URL=NOWHERE)
    assert not found["database"]["ok"]
    assert found["database"]["remedy"]
    refused = gerance("users", "list", GERANCE_DATABASE_URL=NOWHERE)
    assert refused.returncode == 1
    assert refused.stderr.startswith("gerance: the database does not answer")


def test_an_open_home_and_an_old_certificate_are_found(
    gerance: Gerance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    home.chmod(0o755)
    monkeypatch.setattr(certificate, "LIFETIME", datetime.timedelta(days=3))
    certificate.self_signed(home, "localhost")
    found = findings(gerance)
    assert found["home"]["remedy"] == f"chmod 711 {home}"
    assert not found["tls"]["ok"]
    monkeypatch.undo()
    certificate.self_signed(home, "localhost")
    assert findings(gerance)["tls"]["ok"]


def test_a_wrong_setting_is_told_in_one_line(gerance: Gerance) -> None:
    refused = gerance("db", "check", GERANCE_PORT="http")
    assert refused.returncode == 1
    assert refused.stderr == "gerance: GERANCE_PORT: Expected `int`, got 'http'\n"
