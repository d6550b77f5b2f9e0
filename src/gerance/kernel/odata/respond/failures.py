"""Failures of statements: the error that a client receives for each."""

from contextlib import suppress

from psycopg import DataError, Error
from psycopg.errors import CardinalityViolation, FeatureNotSupported, ProgramLimitExceeded

from gerance.kernel.db import READY_SECONDS, NoFreeConnection, Pool
from gerance.kernel.odata.errors import LimitExceeded, ODataRejection
from gerance.kernel.odata.sql.statements import MOST_ROWS

CANNOT_COMPUTE = (DataError, FeatureNotSupported, ProgramLimitExceeded)
"""What the database raises when an expression has no value for a row."""

_FAILURES = {
    "22012": "division by zero",
    "22003": "a number is too large",
    "0A000": "a number is too large",
    "54000": "a text is too long",
    "22008": "a date or time is out of range",
    "22015": "a duration is out of range",
    "2201B": "a pattern is not a regular expression",
}
"""Why an expression cannot be computed, by SQLSTATE."""


def rejection_of(failure: Exception) -> ODataRejection:
    """The error for a failure of a statement."""
    if isinstance(failure, ODataRejection):
        return failure
    if isinstance(failure, CANNOT_COMPUTE):
        return _cannot_compute(failure)
    if isinstance(failure, CardinalityViolation):
        return LimitExceeded(
            f"$expand: one entity has more than {MOST_ROWS} rows in an expanded collection,"
            " nested rows included. Expand fewer with $top or $filter, or read them with a"
            " request of their own.",
            target="$expand",
        )
    return too_slow()


async def timed_out(pool: Pool) -> LimitExceeded:
    """The error for a query that has taken its time. Raises OperationalError when the database
    answers nothing at all: then the query is not to blame."""
    with suppress(NoFreeConnection):
        async with pool.brief(READY_SECONDS) as connection:
            await connection.execute("SELECT 1")
    return too_slow()


def too_slow() -> LimitExceeded:
    return LimitExceeded("The query takes longer than statement_timeout_ms allows. Request less.")


def _cannot_compute(failure: Error) -> ODataRejection:
    """In words of ours: those of the database quote the values of a row."""
    reason = _FAILURES.get(failure.sqlstate or "", "a value has the wrong form")
    return ODataRejection("CannotCompute", f"An expression cannot be computed: {reason}.")
