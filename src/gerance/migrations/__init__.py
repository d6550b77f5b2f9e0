"""The database schema and its steps: `schema.sql` declares it, the revisions lead to it."""

import functools
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy.engine import Connection as SqlConnection
    from sqlalchemy.engine import Engine

__all__ = [
    "FOLDED",
    "FoldedRevision",
    "current",
    "is_newest",
    "pending",
    "pending_after",
    "revision",
    "upgrade",
]

FOLDED = (
    "0001_initial",
    "0002_integrators",
    "0003_rentals",
    "0004_reactions",
    "0005_rentals_writing",
    "0006_lots",
    "0007_webhooks",
    "0008_partners",
    "0009_billing_run",
    "0010_scopes",
    "0011_token_key",
    "0012_identity",
)
"""Revisions of the time before 0.1.0, which the first revision of this release contains."""
LAST_WITH_THEM = "d066b61"
"""The commit with which a database at one of them can be upgraded."""


# The advisory lock of migrations: a number that no other program uses.
_LOCK = 0x6765_7261_6E63_65
_LOCK_SECONDS = 0.2


class FoldedRevision(Exception):
    """The database is at a revision before 0.1.0; the message has the remedy."""

    def __init__(self, revision: str) -> None:
        super().__init__(
            f"The database is at revision {revision} of a version before 0.1.0. Upgrade it with"
            f" that version first: check out commit {LAST_WITH_THEM}, run `make setup` and"
            " `gerance db upgrade`, then return to this version."
        )


def upgrade(url: str) -> None:
    """Bring the database at a libpq URL to the newest revision.

    Each revision is one transaction. Processes that start together wait for one another. Raises
    FoldedRevision when the database is too old, and psycopg.OperationalError when it cannot be
    reached.
    """
    if not pending(url):
        return
    if (revision := current(url)) in FOLDED:
        raise FoldedRevision(str(revision))
    from alembic import command

    engine = _engine(url)
    with engine.connect() as connection:
        _lock(connection)
        if pending(url):
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
        connection.exec_driver_sql(f"select pg_advisory_unlock({_LOCK})")
        connection.commit()
    engine.dispose()


def _lock(connection: "SqlConnection") -> None:
    """Take the lock of migrations. It asks again and again: who waits inside a statement holds a
    snapshot, for whose end `CREATE INDEX CONCURRENTLY` of the process that migrates would wait."""
    while not connection.exec_driver_sql(f"select pg_try_advisory_lock({_LOCK})").scalar():
        connection.commit()
        time.sleep(_LOCK_SECONDS)
    connection.commit()


def current(url: str) -> str | None:
    """The revision that a database has, None before the first; raises psycopg.OperationalError."""
    with psycopg.connect(url, connect_timeout=3) as connection:
        return revision(connection)


def revision(connection: psycopg.Connection) -> str | None:
    """The revision of the database that a connection is to, None before the first."""
    if connection.execute("select to_regclass('alembic_version')").fetchone() == (None,):
        return None
    row = connection.execute("select version_num from alembic_version").fetchone()
    return row[0] if row else None


def pending(url: str) -> list[str]:
    """The revisions that a database lacks, oldest first; raises psycopg.OperationalError.

    A revision that is not known here is one of a later release: then nothing is lacking.
    """
    return pending_after(current(url))


def pending_after(revision: str | None) -> list[str]:
    """The revisions that come after this one, oldest first; see `pending`."""
    steps = _revisions()
    if revision is None or revision in FOLDED:
        return list(steps)
    return list(steps[steps.index(revision) + 1 :]) if revision in steps else []


def is_newest(revision: str | None) -> bool:
    """Whether a revision is the newest of this release, whose schema `schema.sql` declares."""
    return revision == _revisions()[-1]


@functools.cache
def _revisions() -> tuple[str, ...]:
    """All revisions of this release, oldest first."""
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory.from_config(_config())
    return tuple(step.revision for step in scripts.walk_revisions())[::-1]


def _config() -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _engine(url: str) -> "Engine":
    from sqlalchemy import create_engine
    from sqlalchemy.pool import NullPool

    # psycopg reads the URL itself: what libpq takes, with sockets and services, SQLAlchemy need not
    # understand.
    return create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(url), poolclass=NullPool
    )
