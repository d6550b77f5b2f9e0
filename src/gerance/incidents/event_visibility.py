"""Which events a user may receive: those about what it may read at this moment.

The pull feed, the live feed and webhooks use it. Rights follow from the read tables, which keep
rows of what is disabled. A deleted lot has no row; its state says where it was.
"""

from collections.abc import Iterable, Sequence

from gerance.incidents.aggregate import Aggregate
from gerance.incidents.aggregates import BY_CATEGORY, BY_EVENT_TYPE, CATEGORIES
from gerance.kernel.db import Connection
from gerance.kernel.identity.principal import Principal
from gerance.kernel.log.eventlog import LoggedEvent


async def visible_events(
    connection: Connection,
    principal: Principal,
    events: Iterable[LoggedEvent],
    *,
    agencies: Sequence[str] = (),
) -> list[LoggedEvent]:
    """The events that the user may read now, in their order.

    `agencies`: only events of what belongs to one of these; what belongs to no agency (companies,
    operators, providers) is left out then. One statement for each aggregate among the events.
    """
    subjects: list[tuple[LoggedEvent, str, str]] = []
    aggregates: dict[str, Aggregate] = {}
    uids: dict[str, set[str]] = {}
    for event in events:
        if event.category in CATEGORIES:
            # A type that only a later release knows is about the aggregate of the stream.
            aggregate = BY_EVENT_TYPE.get(event.event_type, BY_CATEGORY[event.category])
            uid = aggregate.subject(event) if aggregate.subject else event.stream
            subjects.append((event, aggregate.name, uid))
            aggregates[aggregate.name] = aggregate
            uids.setdefault(aggregate.name, set()).add(uid)
    visible = {
        name: await _visible_uids(connection, principal, aggregates[name], uids[name], agencies)
        for name in uids
    }
    return [event for event, name, uid in subjects if uid in visible[name]]


async def _visible_uids(
    connection: Connection,
    principal: Principal,
    aggregate: Aggregate,
    uids: set[str],
    agencies: Sequence[str],
) -> set[str]:
    """Those of the uids that the user may read."""
    table, key, reach, agencies_sql = aggregate.visible
    if principal.kind == "superUser" and not agencies:
        return uids
    if agencies and agencies_sql is None:
        return set()
    condition = reach(principal)
    choice = f" AND {agencies_sql} && %(agencies)s::uuid[]" if agencies else ""
    rows = await connection.execute(
        f"SELECT {key}::text FROM {table}"
        f" WHERE {key} = ANY(%(uids)s::uuid[]) AND {condition.sql}{choice}",
        {**condition.params, "uids": list(uids), "agencies": list(agencies)},
    )
    return {uid for (uid,) in await rows.fetchall()}
