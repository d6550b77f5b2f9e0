"""The time zone in which an installation counts days."""

from functools import cache
from zoneinfo import ZoneInfo

from gerance.kernel.settings import Settings


def zone_of(settings: Settings) -> ZoneInfo:
    """The zone of the setting `timezone`."""
    return _zone(settings.timezone)


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
