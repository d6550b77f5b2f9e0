"""Failures that a user can fix, in words."""

import errno
import os
import sys

_OUTSIDE = frozenset({"08", "25", "28", "53", "55", "57", "58"})
"""Classes of SQLSTATE: connection lost, read only, access, resources, locks, operators, disk."""
_NO_RIGHT = "42501"


class Failure(Exception):
    """A command cannot do what was asked; the message says why and what to do."""


def explain(error: Exception) -> str | None:
    """The message for an error that a user can fix; None for other errors."""
    import psycopg

    from gerance.kernel.embedded import EmbeddedError
    from gerance.kernel.errors import Refused
    from gerance.kernel.settings import SettingsError
    from gerance.migrations import FoldedRevision

    if isinstance(error, Failure | EmbeddedError | SettingsError | Refused | FoldedRevision):
        return str(error)
    if isinstance(error, psycopg.OperationalError) and error.sqlstate is None:
        return f"the database does not answer: {error}".strip()
    if isinstance(error, psycopg.errors.UndefinedTable | psycopg.errors.UndefinedColumn):
        return (
            "the database schema is out of date: run `gerance db upgrade`, or select another "
            "installation (--home, GERANCE_HOME or GERANCE_DATABASE_URL)"
        )
    if isinstance(error, psycopg.Error) and _is_outside(error.sqlstate or ""):
        return f"the database cannot do it: {error.diag.message_primary or error}"
    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
        return "the port is taken: choose another with --port, or 0 for any free one"
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}"
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return f"cannot write: {error.strerror}"
    return None


def drop_output() -> None:
    """Leave what had no room unwritten: Python would try once more at its end, and fail."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _is_outside(sqlstate: str) -> bool:
    return sqlstate[:2] in _OUTSIDE or sqlstate == _NO_RIGHT
