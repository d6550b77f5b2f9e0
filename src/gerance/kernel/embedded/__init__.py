"""The database of an installation: the one that is given, else an embedded PostgreSQL.

Whoever holds the lock of the home owns the server: starts it, and stops it at the end. A crash
frees the lock, so the next process finds the server left behind and takes its place. A process that
comes while another holds the lock is a guest: it uses the server and leaves it running.
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

GUEST_SECONDS = 60.0


@contextmanager
def database(settings: Settings) -> Iterator[str]:
    """Give the libpq URL of a database that answers, for the time of the block.

    Raises EmbeddedError when no PostgreSQL can be found or started. A given
    `settings.database_url` is passed on as it is, unchecked.
    """
    if settings.database_url is not None:
        yield settings.database_url
        return
    with _locked(settings.home) as (lock, owner):
        if not owner:
            yield _url(Path(_published(lock)))
            return
        from gerance.kernel.embedded.server import Server

        server = Server(settings.home)
        server.start()
        try:
            _publish(lock, str(server.sockets))
            yield _url(server.sockets)
        finally:
            _publish(lock, "")
            server.stop()


@contextmanager
def _locked(home: Path) -> Iterator[tuple[int, bool]]:
    """Open the home's lock file: its descriptor, and whether we own the server of this home.

    A guest gets it once its host has published where the server listens; when that host goes
    away before, the guest becomes the owner.
    """
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(home / "postgres.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise EmbeddedError(
            f"{home} cannot be used as the data directory ({error.strerror}): "
            "set GERANCE_HOME to a directory of yours"
        ) from error
    try:
        deadline = time.monotonic() + GUEST_SECONDS
        while not (owner := _owned(lock)) and not _published(lock):
            if time.monotonic() > deadline:
                raise EmbeddedError(
                    f"another process holds {home / 'postgres.lock'} and its database does not "
                    f"come up: see {home / 'postgres.log'}"
                )
            time.sleep(0.05)
        if owner:
            _publish(lock, "")
        yield lock, owner
    finally:
        os.close(lock)


def _owned(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _published(lock: int) -> str:
    """The socket directory that the owner has written once its server answered, else ''."""
    return os.fsdecode(os.pread(lock, 4096, 0))


def _publish(lock: int, text: str) -> None:
    os.ftruncate(lock, 0)
    os.pwrite(lock, os.fsencode(text), 0)


def _url(sockets: Path) -> str:
    return f"postgresql://gerance@/gerance?host={quote(str(sockets), safe='/')}"
