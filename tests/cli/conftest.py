"""The command line, run as a person runs it: a process of its own."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.cli.forking import ForkServer

Gerance = Callable[..., "subprocess.CompletedProcess[str]"]
_forks = ForkServer()
COMMAND = str(Path(sys.executable).with_name("gerance"))


def clean_environment(**variables: str) -> dict[str, str]:
    """This process's environment without the settings of whoever runs the tests."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GERANCE_") or name == "GERANCE_SECRET_KEY"
    }
    return {**kept, "COLUMNS": "120", **variables}


@pytest.fixture
def gerance(database: str, tmp_path: Path) -> Gerance:
    """Run `gerance` with some arguments on the module's database; standard input may be given."""

    def run(
        *arguments: str, stdin: str = "", **variables: str
    ) -> "subprocess.CompletedProcess[str]":
        settings = {"GERANCE_DATABASE_URL": database, "GERANCE_HOME": str(tmp_path / "home")}
        env = clean_environment(**settings | variables)
        return _forks.run(arguments, stdin=stdin, env=env)

    return run
