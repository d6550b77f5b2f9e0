"""The latest day that has begun: nothing is derived as of an earlier one any more.

Who writes takes the day from a clock when it starts. A billing run that goes on past midnight, or a
write that was on its way then, would bring back yesterday what the job of the new day has done.
"""

from datetime import date

from gerance.kernel.daily_job import note_day
from gerance.kernel.db import Connection
from gerance.kernel.locks import RENTALS_EFFECTIVE_DAY, hold

_JOB = "rentals begun"


async def begin(connection: Connection, day: date) -> None:
    """Let a day begin, once those who derive as of an earlier one have come to their end."""
    async with connection.transaction():
        await hold(connection, RENTALS_EFFECTIVE_DAY)
        await note_day(connection, _JOB, day)


async def latest(connection: Connection, today: date) -> date:
    """`today`, or the later day that has begun; none begins before the transaction ends."""
    await hold(connection, RENTALS_EFFECTIVE_DAY, share=True)
    # Not in one statement with the lock: it would see what was there before it waited.
    rows = await connection.execute(
        "SELECT greatest(%s::date, (SELECT day FROM scheduled_job WHERE name = %s))", [today, _JOB]
    )
    day: date = (await rows.fetchall())[0][0]
    return day
