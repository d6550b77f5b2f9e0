"""Failures that a person can mend, in words."""

import errno


class Failure(Exception):
    """A command cannot do what was asked; the message says why and what to do."""


def explain(error: Exception) -> str | None:
    """What to tell of an error; None for one that only a programmer can mend."""
    import psycopg

    from gerance.kernel.embedded import EmbeddedError
    from gerance.kernel.errors import Refused
    from gerance.kernel.settings import SettingsError

    if isinstance(error, Failure | EmbeddedError | SettingsError | Refused):
        return str(error)
    if isinstance(error, psycopg.OperationalError) and error.sqlstate is None:
        return f"the database does not answer: {error}".strip()
    if isinstance(error, psycopg.errors.UndefinedTable):
        return (
            "the database has no tables yet: name the installation that you mean "
            "(--home, GERANCE_HOME or GERANCE_DATABASE_URL), or run `gerance db upgrade`"
        )
    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
        return "the port is taken: choose another with --port, or 0 for any free one"
    return None
