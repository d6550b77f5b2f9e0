"""Failures that the user can fix, as messages."""

import errno
import os
import sys

_FIXABLE_CLASSES = frozenset({"08", "25", "28", "53", "55", "57", "58"})
"""Classes of SQLSTATE: connection, read-only, authorisation, resources, locks, operator, disk."""
_INSUFFICIENT_PRIVILEGE = "42501"


class Failure(Exception):
    """A command cannot continue. The message gives the reason and what to do."""


def explain(error: Exception) -> str | None:
    """The message for an error that the user can fix; None for other errors."""
    import psycopg

    from gerance.kernel.embedded import EmbeddedError
    from gerance.kernel.errors import Rejection
    from gerance.kernel.settings import SettingsError
    from gerance.migrations import FoldedRevision

    if isinstance(error, Failure | EmbeddedError | SettingsError | Rejection | FoldedRevision):
        return str(error)
    if isinstance(error, psycopg.OperationalError) and error.sqlstate is None:
        return f"the database does not answer: {error}".strip()
    if isinstance(error, psycopg.errors.UndefinedTable | psycopg.errors.UndefinedColumn):
        return (
            "the database schema is out of date: run `gerance db upgrade`, or select another"
            " installation with --home, GERANCE_HOME or GERANCE_DATABASE_URL"
        )
    if isinstance(error, psycopg.Error) and _is_fixable(error.sqlstate or ""):
        return f"the database rejected the command: {error.diag.message_primary or error}"
    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
        return "the port is in use: choose another with --port, or 0 for any free one"
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}"
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return f"cannot write: {error.strerror}"
    return None


def drop_output() -> None:
    """Discard buffered output. Python would try to write it again at exit, and fail."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _is_fixable(sqlstate: str) -> bool:
    return sqlstate[:2] in _FIXABLE_CLASSES or sqlstate == _INSUFFICIENT_PRIVILEGE
