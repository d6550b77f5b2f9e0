"""The effective day: the latest day as of which columns are derived.

A writer reads the day from a clock when it starts. A billing run that continues past midnight, or a
write under way then, would undo the refresh of the new day's daily job. So nothing is derived as of
an earlier day than this one.
"""

from datetime import date

from gerance.kernel.daily_job import note_day
from gerance.kernel.db import Connection
from gerance.kernel.locks import RENTALS_EFFECTIVE_DAY, hold

_JOB = "rentals begun"

DAY = f"greatest(%(today)s::date, (SELECT day FROM scheduled_job WHERE name = '{_JOB}'))"
"""SQL: the day `today`, or the later effective day. Hold the lock, shared, by an earlier statement:
one that waits for it sees what was there before it waited."""


async def begin(connection: Connection, day: date) -> None:
    """Make a day the effective one, once those who derive as of an earlier one have finished."""
    async with connection.transaction():
        await hold(connection, RENTALS_EFFECTIVE_DAY)
        await note_day(connection, _JOB, day)
