"""What every reaction works with."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from gerance.kernel import clock
from gerance.kernel.db import Pool
from gerance.kernel.log.eventlog import LoggedEvent
from gerance.kernel.log.writer import Writer
from gerance.kernel.wire import SafeUUID


@dataclass(frozen=True)
class Means:
    """The database, the write path, and the zone in which the installation counts days."""

    pool: Pool
    writer: Writer
    zone: ZoneInfo

    def today(self) -> date:
        return clock.today(self.zone)


React = Callable[[Means, LoggedEvent, SafeUUID], Awaitable[None]]
"""Does what an event asks for, under the processUid that it is given.

It looks at how things are now, so that the second time it has nothing to do: then, and whenever
else there is nothing to do, it raises Unneeded. Raises Rejection when it is not to be done.
"""
