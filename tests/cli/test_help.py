"""Help reads well, and comes at once."""

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from gerance import __version__
from gerance.cli import app


def commands(command: Any, *path: str) -> Iterator[list[str]]:
    """The words of each command, groups included."""
    yield list(path)
    for name, inner in getattr(command, "commands", {}).items():
        yield from commands(inner, *path, name)


@pytest.mark.parametrize(
    "words",
    list(commands(typer.main.get_command(app), "gerance")),
    ids=" ".join,
)
def test_every_command_explains_itself(words: list[str]) -> None:
    told = CliRunner(env={"COLUMNS": "80"}).invoke(app, [*words[1:], "--help"])
    assert told.exit_code == 0
    assert all(len(line) <= 80 for line in told.stdout.splitlines())
    for oddity in ("<bool>", "<str>", "[default: ("):
        assert oddity not in told.stdout
    assert "Usage:" in told.stdout
    # What the help says in brackets is no markup to be swallowed.
    assert ("--home" in told.stdout) == ("GERANCE_HOME" in told.stdout)


@pytest.mark.parametrize("command", ["db check", "users list", "doctor"])
def test_every_listing_has_json(command: str) -> None:
    assert "--json" in CliRunner().invoke(app, [*command.split(), "--help"]).stdout


def test_no_password_is_an_argument() -> None:
    for command in ("add", "password"):
        told = CliRunner().invoke(app, ["users", command, "--help"]).stdout
        assert "--password-stdin" in told
        assert "--password " not in told


def test_the_version() -> None:
    assert CliRunner().invoke(app, ["--version"]).stdout == f"gerance {__version__}\n"


def test_help_imports_nothing_that_is_slow() -> None:
    heavy = ("psycopg", "sqlalchemy", "alembic", "starlette", "uvicorn", "cryptography", "msgspec")
    script = f"import gerance.cli, sys; print([n for n in {heavy} if n in sys.modules])"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert loaded.stdout.strip() == "[]"
