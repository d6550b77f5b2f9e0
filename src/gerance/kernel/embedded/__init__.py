"""The database of an installation: the one that is given, else an embedded PostgreSQL.

The processes of a home share one server: the first starts it, the last stops it. Each holds a
shared lock on `postgres.users` for as long as it uses the server, and a crash frees it. Who comes
or goes holds `postgres.lock` meanwhile, so that two never start or stop at once. Who comes and
finds a server without users finds one that a crash left behind, and takes its place.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from gerance.kernel.embedded.failure import EmbeddedError
from gerance.kernel.settings import Settings

__all__ = ["EmbeddedError", "database"]


@contextmanager
def database(settings: Settings) -> Iterator[str]:
    """Give the libpq URL of a database that answers, for the time of the block.

    Raises EmbeddedError when no PostgreSQL can be found or started. A given
    `settings.database_url` is passed on as it is, unchecked.
    """
    if settings.database_url is not None:
        yield settings.database_url
        return
    from gerance.kernel.embedded.server import Server

    with (
        _open(settings.home, "postgres.lock") as turn,
        _open(settings.home, "postgres.users") as users,
    ):
        with _turn(turn, settings.home):
            server = Server(settings.home)
            if _locked(users) or not server.is_running():
                server.start()
            fcntl.flock(users, fcntl.LOCK_SH)
        try:
            yield f"postgresql://gerance@/gerance?host={quote(str(server.sockets), safe='/')}"
        finally:
            with _turn(turn, settings.home):
                if _locked(users):
                    server.stop()


@contextmanager
def _turn(lock: int, home: Path) -> Iterator[None]:
    """Hold the lock of who comes or goes; whoever holds it is done soon, or recovers a database."""
    from gerance.kernel.embedded.server import START_SECONDS

    deadline = time.monotonic() + START_SECONDS
    while not _locked(lock):
        if time.monotonic() > deadline:
            raise EmbeddedError(
                f"another process is still starting the database of {home}: see "
                f"{home / 'postgres.log'}"
            )
        time.sleep(0.02)
    try:
        yield
    finally:
        fcntl.flock(lock, fcntl.LOCK_UN)


@contextmanager
def _open(home: Path, name: str) -> Iterator[int]:
    """Descriptor of a lock file in the home; closing it frees the lock."""
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(home / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise EmbeddedError(
            f"{home} cannot be used as the data directory ({error.strerror}): "
            "set GERANCE_HOME to a directory of yours"
        ) from error
    try:
        yield lock
    finally:
        os.close(lock)


def _locked(lock: int) -> bool:
    """Take the lock for us alone if nobody else has it, shared or not."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
