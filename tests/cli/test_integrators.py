"""Integrators are added, limited, rotated and switched off from the command line."""

import json
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.cli.conftest import Gerance
from tests.living import running

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def _no_integrators(database: str) -> None:
    with psycopg.connect(database) as connection:
        connection.execute("truncate integrator, audit, login_failure")


def told(gerance: Gerance, *arguments: str, stdin: str = "") -> Any:
    """What the command answers in JSON."""
    done = gerance("integrators", *arguments, "--json", stdin=stdin)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def status(database: str, home: Path, secrets: dict[str, str]) -> int:
    """Of asking for a token."""
    body = {"UserName": secrets["userName"], "Password": secrets["password"]}
    with running(database, home) as http:
        headers = {"x-api-key": secrets["apiKey"]}
        return http.post("/api/Token", json=body, headers=headers).status_code


def test_an_integrator_is_added_and_gets_a_token(
    gerance: Gerance, database: str, tmp_path: Path
) -> None:
    assert gerance("integrators", "list").stdout.startswith("There is no integrator yet")
    added = told(gerance, "add", "portail", "--name", "Portail des locataires")
    assert added["apiKey"].startswith("gk_")
    assert len(added["apiKey"]) > 40
    assert len(added["password"]) >= 20
    assert status(database, tmp_path, added) == 200
    (row,) = told(gerance, "list")
    assert row | {"created": None} == {
        "uid": added["uid"], "name": "Portail des locataires", "userName": "portail",
        "readOnly": False, "sets": None, "places": None, "incidents": False, "partners": False,
        "disabled": False,
        "created": None,
    }  # fmt: skip


def test_secrets_are_shown_once(gerance: Gerance) -> None:
    shown = gerance("integrators", "add", "portail").stdout
    key = shown.partition("API key, shown only once: ")[2].split()[0]
    password = shown.partition("Password, shown only once: ")[2].split()[0]
    for listed in (gerance("integrators", "list"), gerance("integrators", "list", "--json")):
        assert "portail" in listed.stdout
        assert key not in listed.stdout
        assert password not in listed.stdout


def test_a_password_is_read_and_not_shown(gerance: Gerance, database: str, tmp_path: Path) -> None:
    added = told(gerance, "add", "portail", "--password-stdin", stdin=PASSWORD + "\n")
    assert "password" not in added
    assert status(database, tmp_path, added | {"password": PASSWORD}) == 200


def test_rights_are_limited_to_what_is_named(gerance: Gerance) -> None:
    sets = ("--set", "units", "--set", "Buildings", "--set", "UNITS")
    places = ("--place", "3", "--place", "4-1")
    told(gerance, "add", "portail", "--read-only", *sets, *places)
    (row,) = told(gerance, "list")
    assert row["readOnly"] is True
    assert row["sets"] == ["Units", "Buildings"]
    assert row["places"] == ["3", "4-1"]
    shown = gerance("integrators", "list").stdout
    for text in ("Units, Buildings", "3, 4-1"):
        assert text in shown


def test_the_incident_side_is_a_right_of_its_own(gerance: Gerance) -> None:
    told(gerance, "add", "suivi", "--incidents", "--set", "tickets", "--set", "Buildings")
    (row,) = told(gerance, "list")
    assert row["incidents"] is True
    assert row["sets"] == ["Tickets", "Buildings"]


def test_rotation_gives_a_new_key(gerance: Gerance, database: str, tmp_path: Path) -> None:
    first = told(gerance, "add", "portail")
    second = told(gerance, "rotate", "PORTAIL")
    assert set(second) == {"userName", "apiKey"}
    assert status(database, tmp_path, first) == 401
    assert status(database, tmp_path, first | second) == 200
    third = told(gerance, "rotate", "portail", "--new-password")
    assert third["password"] != first["password"]
    assert status(database, tmp_path, first | third) == 200
    fourth = told(gerance, "rotate", "portail", "--password-stdin", stdin=PASSWORD)
    assert status(database, tmp_path, first | fourth | {"password": PASSWORD}) == 200


def test_disabling_is_taken_back_by_enabling(
    gerance: Gerance, database: str, tmp_path: Path
) -> None:
    added = told(gerance, "add", "portail")
    assert gerance("integrators", "disable", "portail").returncode == 0
    assert told(gerance, "list")[0]["disabled"] is True
    assert status(database, tmp_path, added) == 401
    assert gerance("integrators", "enable", "portail").returncode == 0
    assert status(database, tmp_path, added) == 200
    with psycopg.connect(database) as connection:
        acts = connection.execute("select act, subject from audit order by id").fetchall()
    names = ("added", "disabled", "enabled")
    assert acts == [(f"integrator {name}", "portail") for name in names]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["add", "x", "--set", "Unit"], "no entity set Unit; did you mean Units?"),
        (["add", "x", "--set", "UnitsForRent"], "no entity set UnitsForRent"),
        (["add", "x", "--set", "Tickets"], "Tickets: needs the right to incidents"),
        (["add", "x", "--place", "3-"], "'3-' is not a company"),
        (["add", "x", "--place", "3-1-2"], "is not a company like 3"),
        (["add", "x", "--place", "٣"], "is not a company like 3"),
        (["add", "x", "--place", "3", "--incidents"], "limited to places cannot have the right"),
        (["add", "x", "--password-stdin"], "10 to 1024 characters"),
        (["add", " "], "A user name must have"),
        (["add", "TAKEN"], "TAKEN is already in use"),
        (["rotate", "nobody"], "no integrator with the user name nobody"),
        (["rotate", "taken", "--new-password", "--password-stdin"], "choose one"),
        (["disable", "nobody"], "no integrator with the user name nobody"),
        (["enable", "nobody"], "no integrator with the user name nobody"),
    ],
    ids=lambda each: " ".join(each) if isinstance(each, list) else "",
)
def test_what_cannot_be_done_is_told_in_one_line(
    gerance: Gerance, arguments: list[str], expected: str
) -> None:
    told(gerance, "add", "taken")
    refused = gerance("integrators", *arguments, stdin="short\n")
    assert refused.returncode == 1, refused.stdout
    assert refused.stdout == ""
    assert refused.stderr.startswith("gerance: ")
    assert expected in refused.stderr
    assert len(refused.stderr.splitlines()) == 1
    assert len(told(gerance, "list")) == 1
