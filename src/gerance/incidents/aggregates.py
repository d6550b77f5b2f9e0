"""Every aggregate of the incident API. Add a slice's AGGREGATE here, and its routes in `routes`."""

from collections.abc import Iterable, Mapping

from gerance.incidents.agencies.handle import AGGREGATE as AGENCY
from gerance.incidents.aggregate import Aggregate
from gerance.incidents.companies.handle import AGGREGATE as COMPANY
from gerance.incidents.lots.handle import AGGREGATE as LOT
from gerance.incidents.operators.handle import AGGREGATE as OPERATOR
from gerance.incidents.patrimonies.handle import AGGREGATE as PATRIMONY
from gerance.incidents.patrimony_contacts.handle import AGGREGATE as PATRIMONY_CONTACT
from gerance.incidents.provider_companies.handle import AGGREGATE as PROVIDER_COMPANY
from gerance.incidents.provider_contacts.handle import AGGREGATE as PROVIDER_CONTACT
from gerance.incidents.tickets.handle import AGGREGATE as TICKET
from gerance.incidents.users.handle import AGGREGATE as USER
from gerance.kernel.log.writer import Projection
from gerance.kernel.wire import SafeUUID, decode, encode

AGGREGATES: tuple[Aggregate, ...] = (
    TICKET,
    COMPANY,
    AGENCY,
    USER,
    OPERATOR,
    PATRIMONY,
    LOT,
    PATRIMONY_CONTACT,
    PROVIDER_COMPANY,
    PROVIDER_CONTACT,
)

CATEGORIES: tuple[str, ...] = tuple(dict.fromkeys(each.category for each in AGGREGATES))
"""The categories of their streams. Agencies are in the streams of their companies."""

EVENT_TYPES_OF: Mapping[str, frozenset[str]] = {
    category: frozenset().union(
        *(each.event_types for each in AGGREGATES if each.category == category)
    )
    for category in CATEGORIES
}
"""The event types of each category."""

BY_EVENT_TYPE: Mapping[str, Aggregate] = {
    event_type: each for each in AGGREGATES for event_type in each.event_types
}
"""The aggregate that an event of a type is about."""

BY_CATEGORY: Mapping[str, Aggregate] = {
    each.category: each for each in AGGREGATES if each.name == each.category
}
"""The aggregate whose state the streams of a category have."""


def replay(events: Iterable[tuple[str, bytes | str]], category: str, state: str | None) -> bytes:
    """The state after replaying the events of a stream, as the table `stream` stores it.

    `events`: the type and JSON of each, in order; `state`: the one before them, None at the
    beginning of the stream.
    """
    current = None if state is None else decode(BY_CATEGORY[category].state, state)
    for event_type, data in events:
        aggregate = BY_EVENT_TYPE[event_type]
        current = aggregate.evolve(current, decode(aggregate.events, data))
    return encode(current)


def rows(category: str, uid: SafeUUID, state: bytes | str) -> list[Projection]:
    """All rows of read models that a state makes, for a rebuild. `state`: as the table `stream`
    stores it. `tickets.rebuild` makes the rows of a ticket."""
    aggregate = BY_CATEGORY[category]
    project = aggregate.rebuild or aggregate.project
    return list(project(decode(aggregate.state, state), uid))
