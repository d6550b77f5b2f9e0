"""The listener of a feed and its filter of events."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from gerance.kernel.db import Connection
from gerance.kernel.errors import BadRequest, reject
from gerance.kernel.http.endpoint import Call
from gerance.kernel.log.eventlog import Cursor, LoggedEvent
from gerance.kernel.wire import SafeUUID

MAX_VALUES = 100


class EventFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which events are wanted. What is empty leaves it open, but for `categories`: there it stands
    for none."""

    categories: tuple[str, ...]
    types: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()


class FeedEntry(msgspec.Struct, frozen=True):
    """An event as the listener receives it; `data`: its JSON."""

    cursor: Cursor
    category: str
    event_type: str
    data: bytes


class Listener(Protocol):
    """A principal that receives events, with its rights at one moment."""

    @property
    def name(self) -> str:
        """What its feeds are counted by."""

    @property
    def categories(self) -> Sequence[str]:
        """The categories of the log whose events it may ever receive."""

    @property
    def types(self) -> frozenset[str]:
        """The event types that there are in them."""

    async def refresh(self) -> "Listener":
        """The same one with its rights as of now. Raises Rejection (401) when it has none left."""

    async def visible_entries(
        self, connection: Connection, events: Sequence[LoggedEvent], event_filter: EventFilter
    ) -> list[FeedEntry]:
        """The events that it may receive and that match the filter, in their order."""


def parse_filter(call: Call, listener: Listener) -> EventFilter:
    """What the query wants. Raises BadRequest, naming the parameter that is wrong."""
    categories = _listed_values(call, "categories", listener.categories)
    try:
        agencies = tuple(SafeUUID.parse(part) for part in _parts(call, "agencies"))
    except ValueError as invalid:
        raise BadRequest(f"agencies: {invalid}.") from invalid
    return EventFilter(
        categories=categories or tuple(listener.categories),
        types=_listed_values(call, "types", listener.types),
        agencies=agencies,
    )


def _listed_values(
    call: Call, name: str, allowed_values: Sequence[str] | frozenset[str]
) -> tuple[str, ...]:
    parts = _parts(call, name)
    if unknown := [part for part in parts if part not in allowed_values]:
        allowed_text = (
            f": {', '.join(allowed_values)}" if len(allowed_values) <= MAX_VALUES // 2 else ""
        )
        raise BadRequest(f"{name}: there is no {unknown[0][:60]!r}{allowed_text}.")
    return parts


def _parts(call: Call, name: str) -> tuple[str, ...]:
    texts = (call.parameter(name) or "").split(",")
    parts = tuple(dict.fromkeys(part.strip() for part in texts if part.strip()))
    if len(parts) > MAX_VALUES:
        raise reject("BadRequest", "values", name=name, most=MAX_VALUES, count=len(parts))
    return parts
