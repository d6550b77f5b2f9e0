"""Every listing shows what strangers wrote without obeying it, in the terminal and in JSON."""

import ast
import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import typer
from psycopg import sql
from typer.testing import CliRunner

import gerance
from gerance.cli import app

HOSTILE = "x[/b]\x1b[2J\x1b]0;t\x07\r\n[red]\x9b\x7f\u202e\u2028"
SHOWN = "x[/b]\\x1b[2J"
UID, CODE = str(uuid.uuid4()), "FOUSSIER"
MAIL = f"""From: jeanne@foussier.example
Message-ID: <1@foussier.example>
Subject: [Offre][Foussier] Client {HOSTILE.replace(chr(13) + chr(10), "")} - c1
Content-Type: text/plain; charset=utf-8

Offrir 3 mois. Motif : {HOSTILE}
"""

LISTINGS = {
    "users list": ["login", "kind", "firstName", "lastName"],
    "integrators list": ["userName", "name", "sets"],
    "webhooks list": ["flavour", "owner", "url", "reason"],
    "webhooks deliveries": ["url", "detail", "failure", "eventType", "category", "flavour"],
    "partners list": ["name", "mailSenders", "sources"],
    f"partners customers {CODE}": ["client_id", "lastname", "company_name", "client_title"],
    f"partners files {CODE}": ["name", "sha256"],
    "partners pushes": ["name", "error"],
    "partners proposals --all": ["client_id", "source", "reason", "message", "decided_by"],
    f"partners token list {CODE}": ["ending"],
    f"partners campaign list {CODE}": ["code", "label"],
    "partners typology list": ["label"],
    f"partners webhook show {CODE}": ["url", "reason", "headers"],
    f"partners webhook deliveries {CODE}": ["url", "detail", "failure", "request", "answer"],
    f"partners sender list {CODE}": [],
    "reactions failures": ["reaction", "eventType", "message"],
}
"""Commands that list what is stored, with the texts of strangers in their JSON."""

SHOW_THEIR_OWN = {
    "demo", "doctor", "db check", "day status", "users add", "users totp enable",
    "integrators add", "integrators rotate",
    "partners add", "partners bill", "partners token rotate", "partners webhook set",
    "partners webhook rotate", "mail read", "billing run",
}  # fmt: skip
"""Other commands with JSON: they print what the operator gave or the product made."""


@pytest.fixture(scope="module")
def stored(database: str) -> str:
    """A database in which every text of every table that is listed is hostile."""
    with psycopg.connect(database) as connection:
        store(connection, "account", uid=UID, edition="2020")
        store(connection, "integrator", uid=UID, places=None)
        store(
            connection,
            "endpoint",
            uid=UID,
            flavour="partners",
            owner=CODE,
            state="off",
            headers=json.dumps([[HOSTILE, "v"]]),
            choice="{}",
            failing_since="2026-11-01",
        )
        store(connection, "endpoint", state="off", headers="[]", choice="{}")
        store(connection, "delivery", endpoint=UID, flavour="partners", owner=CODE, outcome="dead")
        store(connection, "delivery", outcome="dead")
        store(connection, "partner", code=CODE)
        store(connection, "partner_source", partner=CODE, active=True)
        store(connection, "partner_campaign", partner=CODE)
        store(connection, "partner_token", partner=CODE, expires="infinity")
        store(connection, "partner_typology", code=1)
        store(connection, "partner_customer", partner=CODE, status="billed",
              paid_months="{}", offered_months="{}")  # fmt: skip
        store(connection, "partner_billing_file", partner=CODE)
        number = connection.execute("SELECT id FROM partner_billing_file").fetchone()
        assert number
        store(connection, "partner_push", file=number[0], done=None)
        store(connection, "partner_proposal", kind="offer", state="rejected",
              details=json.dumps({"problems": [HOSTILE]}))  # fmt: skip
        number = connection.execute("SELECT id FROM partner_proposal").fetchone()
        assert number
        store(connection, "partner_mail", proposal=number[0])
        store(connection, "event", category=HOSTILE, data="{}", stream=UID)
        number = connection.execute("SELECT max(position) FROM event").fetchone()
        assert number
        store(connection, "reaction_failure", position=number[0])
        connection.execute(
            "UPDATE partner SET mail_senders = mail_senders || '{@foussier.example}'"
        )
        connection.execute("INSERT INTO partner_source VALUES (%s, 'Foussier')", [CODE])
    return database


def store(connection: psycopg.Connection, table: str, **given: Any) -> None:
    """Insert a row; columns that are not given get something, texts the hostile one."""
    rows = connection.execute(
        "SELECT column_name, udt_name FROM information_schema.columns"
        " WHERE table_schema = 'public' AND table_name = %s AND is_identity = 'NO'",
        [table],
    ).fetchall()
    fill: dict[str, Any] = {
        "text": HOSTILE, "_text": [HOSTILE], "uuid": str(uuid.uuid4()), "_uuid": [], "_bytea": [],
        "bytea": b"x", "bool": False, "json": "[]", "float4": 1.0,
    }  # fmt: skip
    row = {
        name: given.get(name, fill.get(kind, 1))
        for name, kind in rows
        if name in given or not kind.startswith(("timestamp", "date", "xid"))
    }
    row |= {name: "2026-11-01" for name, kind in rows if name not in row and kind != "xid8"}
    connection.execute(
        sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
            sql.Identifier(table),
            sql.SQL(", ").join(map(sql.Identifier, row)),
            sql.SQL(", ").join(map(sql.Placeholder, row)),
        ),
        row,
    )


@pytest.mark.parametrize("words", LISTINGS)
def test_a_listing_shows_hostile_texts_and_obeys_none(
    words: str, stored: str, tmp_path: Path
) -> None:
    env = {"GERANCE_DATABASE_URL": stored, "GERANCE_HOME": str(tmp_path)}
    table = CliRunner().invoke(app, words.split(), env=env, catch_exceptions=False)
    assert table.exit_code == 0
    assert table.output.replace("\n", "").isprintable()
    assert SHOWN in table.output
    listed = CliRunner().invoke(app, [*words.split(), "--json"], env=env, catch_exceptions=False)
    assert listed.output.replace("\n", "").isprintable()
    content = json.loads(listed.output)
    rows = content if isinstance(content, list) else [content]
    for name in LISTINGS[words]:
        assert any(HOSTILE in (row[name] or "") for row in rows), name


def test_a_mail_that_is_read_by_hand_is_shown_and_not_obeyed(stored: str, tmp_path: Path) -> None:
    env = {"GERANCE_DATABASE_URL": stored, "GERANCE_HOME": str(tmp_path)}
    file = tmp_path / "mail.eml"
    file.write_text(MAIL, encoding="utf-8", newline="")
    shown = CliRunner().invoke(app, ["mail", "read", str(file), "--dry-run"], env=env)
    assert shown.exit_code == 0, shown.output
    assert "x[/b]" in shown.output
    assert shown.output.replace("\n", "").isprintable()


@pytest.mark.parametrize(
    "words", ["users disable", "integrators disable", "partners files", "webhooks pause"]
)
def test_an_error_that_quotes_a_stranger_is_shown_on_one_line(
    words: str, stored: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setenv("GERANCE_DATABASE_URL", stored)
    monkeypatch.setenv("GERANCE_HOME", str(tmp_path))
    monkeypatch.setattr("sys.argv", ["gerance", *words.split(), f"{HOSTILE}nobody"])
    with pytest.raises(SystemExit):
        gerance.cli.main()
    told = capsys.readouterr().err
    assert told.rstrip("\n").isprintable()
    assert told.startswith("gerance: ")


def test_every_command_with_json_is_walked() -> None:
    walked = {" ".join(w for w in words.split() if w not in (CODE, "--all")) for words in LISTINGS}
    assert set(with_json(typer.main.get_command(app))) == walked | SHOW_THEIR_OWN


def with_json(command: Any, *path: str) -> Iterator[str]:
    """The words of each command that has `--json`."""
    for name, inner in getattr(command, "commands", {}).items():
        yield from with_json(inner, *path, name)
    if any("--json" in parameter.opts for parameter in command.params):
        yield " ".join(path)


def test_one_module_writes_to_the_terminal() -> None:
    """Whatever else did would have to think of escaping by itself."""
    source = Path(gerance.__file__).parent
    for module in source.rglob("*.py"):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                written = ast.unparse(node.func)
                where = f"{module.relative_to(source)}:{node.lineno} {written}"
                assert written not in ("print", "typer.secho", "click.echo"), where
                assert not written.endswith(("stdout.write", "stderr.write")), where
                if written in ("typer.echo", "Console"):
                    assert module.name in ("output.py", "progress.py"), where
