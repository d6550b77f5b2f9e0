"""The database of an installation: the one that is given, else an embedded PostgreSQL.

The processes of a home share one server: the first starts it, the last stops it. Each holds a
shared lock on `postgres.users` for as long as it uses the server, and a crash frees it. A process
that starts or stops using the server holds `postgres.lock` meanwhile, so that two never start or
stop the server at once. A server without users was left behind by a crash: the next process
replaces it.
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
    """Hold the lock for starting and stopping. Its holder is done soon, or recovers a database."""
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
    """Take the lock exclusively if no other process holds it, shared or not."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
