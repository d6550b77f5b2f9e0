"""Jobs that are done once a day by whichever process comes first, and what stops them.

What a day brings cannot be taken back: leases begin, contracts end. So a job does not begin a day
that some clock may have made up, until an operator confirms it (`gerance day confirm`).
"""

from datetime import date, timedelta
from typing import Literal

import structlog

from gerance.kernel.db import Connection

Job = Literal["rentals", "partners"]
JOBS: tuple[Job, ...] = ("rentals", "partners")

MOST_DIFFERENCE = timedelta(minutes=1)
"""Between this machine's clock and the database's."""
MOST_DAYS = 5
"""Days that a job may pass over at once."""

log = structlog.get_logger("gerance.daily_job")


async def is_at(connection: Connection, job: str, day: date) -> bool:
    """Whether a job has done this day, or a later one."""
    rows = await connection.execute(
        "SELECT FROM scheduled_job WHERE name = %s AND day >= %s", [job, day]
    )
    return await rows.fetchone() is not None


async def note_day(connection: Connection, job: str, day: date) -> None:
    """A job has done this day. It never goes back to an earlier one."""
    await connection.execute(
        "INSERT INTO scheduled_job AS j (name, day) VALUES (%s, %s) ON CONFLICT (name)"
        " DO UPDATE SET day = greatest(j.day, excluded.day), finished = now(), stopped = NULL",
        [job, day],
    )


async def may_begin(connection: Connection, job: Job, day: date, difference: timedelta) -> bool:
    """Whether a job may do this day, and all that it has missed before it.

    `difference`: how far this machine's clock is ahead of the database's. When the answer is no,
    the reason is recorded for operators.
    """
    rows = await connection.execute(
        "SELECT day, confirmed, stopped FROM scheduled_job WHERE name = %s", [job]
    )
    last, confirmed, is_stopped = await rows.fetchone() or (None, None, None)
    if confirmed is not None and confirmed >= day:
        return True
    reason = _doubt(last, day, difference)
    if reason is not None and reason != is_stopped:
        log.error("daily job stopped: run `gerance day confirm`", job=job, reason=reason)
        await connection.execute(
            "INSERT INTO scheduled_job (name, day, stopped) VALUES (%s, %s, %s)"
            " ON CONFLICT (name) DO UPDATE SET stopped = excluded.stopped",
            [job, last or day - timedelta(days=1), reason],
        )
    return reason is None


async def confirm(connection: Connection, day: date) -> None:
    """Let the jobs do every day up to this one, whatever stopped them."""
    await connection.execute(
        "INSERT INTO scheduled_job (name, day, confirmed)"
        " SELECT name, %(day)s::date - 1, %(day)s FROM unnest(%(jobs)s::text[]) name"
        " ON CONFLICT (name) DO UPDATE SET confirmed = excluded.confirmed, stopped = NULL",
        {"day": day, "jobs": list(JOBS)},
    )


async def states(connection: Connection) -> list[dict[str, str | None]]:
    """Each job that has run: `job`, the last `day` that it has done, why it is `is_stopped`."""
    rows = await connection.execute(
        "SELECT name, day::text, stopped FROM scheduled_job WHERE name = ANY(%s) ORDER BY name",
        [list(JOBS)],
    )
    return [
        {"job": job, "day": day, "stopped": is_stopped}
        for job, day, is_stopped in await rows.fetchall()
    ]


def _doubt(last: date | None, day: date, difference: timedelta) -> str | None:
    if abs(difference) > MOST_DIFFERENCE:
        side = "ahead of" if difference > timedelta() else "behind"
        return f"this machine's clock is more than a minute {side} the database's"
    if last is not None and day - last > timedelta(days=MOST_DAYS):
        return f"{day} is {(day - last).days} days after {last}, the last day that was done"
    return None
