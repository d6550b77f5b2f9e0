"""What may be subscribed to: the types of events on the wire, and the categories they are in."""

from collections.abc import Mapping, Sequence

from gerance.incidents.aggregates import EVENT_TYPES_OF
from gerance.kernel.errors import BadRequest

_CATEGORY_OF = {kind: category for category, types in EVENT_TYPES_OF.items() for kind in types}

Topics = Mapping[str, Sequence[str] | None]
"""Categories, each with the event types that are wanted of it; None for all."""


def topics(event_types: Sequence[str] | None) -> Topics:
    """Where these event types are; None stands for all there are.

    Raises BadRequest that names the first one that is unknown.
    """
    if event_types is None:
        return dict.fromkeys(EVENT_TYPES_OF)
    topics_of: dict[str, list[str]] = {}
    for nth, kind in enumerate(event_types):
        if kind not in _CATEGORY_OF:
            raise BadRequest(f"There is no event type {kind[:60]!r} - at `$.eventTypes[{nth}]`")
        of_category = topics_of.setdefault(_CATEGORY_OF[kind], [])
        if kind not in of_category:
            of_category.append(kind)
    return topics_of


def event_types_in(subscribed: Topics) -> list[str] | None:
    """The event types that were given to `topics`, in the order of the alphabet; None for all."""
    type_lists = [types for types in subscribed.values() if types is not None]
    return sorted(kind for types in type_lists for kind in types) if type_lists else None
