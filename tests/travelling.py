"""Moving the clock: PostgreSQL has only the real time, so here the application does not ask it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from gerance.kernel import clock, daily_job
from gerance.kernel.db import Connection


@contextmanager
def travelled(moment: str | datetime, *, tick: bool = True) -> Iterator[time_machine.Traveller]:
    """Within the block it is this moment, and days may be passed over."""

    async def agrees(connection: Connection) -> timedelta:
        return timedelta()

    with (
        pytest.MonkeyPatch.context() as patch,
        time_machine.travel(moment, tick=tick) as travelling,
    ):
        patch.setattr(clock, "now", lambda: datetime.now(UTC))
        patch.setattr(clock, "synchronise", agrees)
        patch.setattr(daily_job, "MOST_DAYS", 1_000_000)
        yield travelling
