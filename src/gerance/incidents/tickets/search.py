"""The parameters of the ticket reads, and the condition in SQL they make.

Parameters are combined with and; several values of one, by comma, with or; the words of
`fulltext` must all be there. Texts are compared without case and accents, cities also without
hyphens, and `St` as `Saint`. `from` and `to` are days
of the opened date in the installation's time zone, both included.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import msgspec

from gerance.incidents.rights import Columns, Condition, reach
from gerance.incidents.tickets.search_index import MAX_WORD, key_of
from gerance.kernel.errors import BadRequest
from gerance.kernel.fold import place_key, words
from gerance.kernel.http.endpoint import Call
from gerance.kernel.identity.principal import Principal
from gerance.kernel.wire import LocalDate, SafeUUID

T = TypeVar("T", bound=str)

MAX_VALUES = 100

_STATUS = {"OPENED": False, "CLOSED": True}
_BOOLEANS = {"true": True, "false": False}
_FILTERS = (
    "agency", "status", "location", "from", "to", "callpurpose", "activeproviders", "intervention",
)  # fmt: skip

TICKET_COLUMNS = Columns(
    company="ticket.company",
    call_center="ticket.call_center",
    holding="ticket.holding",
    agencies="ticket.agencies",
    patrimony="ticket.patrimony",
)


class Search(msgspec.Struct, frozen=True):
    """The filters of a request; a field that is None or empty does not filter."""

    agencies: tuple[str, ...] = ()
    closed: bool | None = None
    locations: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    purposes: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()
    intervention: bool | None = None
    words: tuple[str, ...] = ()


EVERYTHING = Search()


def parse_search(call: Call, zone: ZoneInfo, *, fulltext_alone: bool) -> Search:
    """The search in the query parameters. Raises BadRequest, naming the parameter.

    `fulltext_alone`: `fulltext` is combined with no other filter, as the reference requires for
    lists and statistics, not for exports.
    """
    parameter, array = call.parameter, call.array
    fulltext = call.texts("fulltext")
    if fulltext is not None and fulltext_alone:
        others = [name for name in _FILTERS if array(name)]
        if others:
            raise BadRequest(f"fulltext: cannot be combined with {', '.join(others)}.")
    since, until = _days(parameter, zone)
    return Search(
        agencies=_values("agency", array("agency"), SafeUUID.parse),
        closed=_choice("status", parameter("status"), _STATUS),
        locations=_values("location", array("location"), key_of),
        since=since,
        until=until,
        purposes=_values("callpurpose", array("callpurpose"), key_of),
        providers=_values("activeproviders", array("activeproviders"), SafeUUID.parse),
        intervention=_choice("intervention", parameter("intervention"), _BOOLEANS),
        words=_words(fulltext),
    )


def visible_tickets(principal: Principal) -> Condition:
    """The rows of the table `ticket` that the user may read."""
    return condition(EVERYTHING, principal)


def condition(search: Search, principal: Principal) -> Condition:
    """The condition on the table `ticket` for the search, within the user's reach."""
    mine = reach(principal, TICKET_COLUMNS)
    parts, params = [mine.sql], dict(mine.params)
    if principal.kind == "patrimonyUser":
        parts.append("(NOT ticket.restricted OR ticket.caller = %(me)s::uuid)")
        params["me"] = principal.uid

    def add(sql: str, **values: Any) -> None:
        parts.append(sql)
        params.update(values)

    if search.agencies:
        add("ticket.agencies && %(agencies)s::uuid[]", agencies=list(search.agencies))
    if search.closed is not None:
        add("ticket.closed" if search.closed else "NOT ticket.closed")
    if search.locations:
        add(
            "(place_key(ticket.city_key) = ANY(%(places)s::text[])"
            " OR ticket.zip_code = ANY(%(locations)s::text[]))",
            locations=list(search.locations),
            places=sorted({place_key(text) for text in search.locations} - {""}),
        )
    if search.since is not None:
        add("ticket.opened >= %(since)s", since=search.since)
    if search.until is not None:
        add("ticket.opened < %(until)s", until=search.until)
    if search.purposes:
        add("ticket.purpose_key = ANY(%(purposes)s::text[])", purposes=list(search.purposes))
    if search.providers:
        add("ticket.provider = ANY(%(providers)s::uuid[])", providers=list(search.providers))
    if search.intervention is not None:
        add("ticket.intervention" if search.intervention else "NOT ticket.intervention")
    if search.words:
        add(
            "ticket.number IN (SELECT s.number FROM ticket_search s"
            " WHERE s.words @@ %(words)s::tsquery)",
            words=" & ".join(f"'{word}'" for word in search.words),
        )
    return Condition(" AND ".join(parts), params)


def _values(name: str, parts: Sequence[str], read: Callable[[str], T]) -> tuple[T, ...]:
    if len(parts) > MAX_VALUES:
        raise BadRequest(f"{name}: expected at most {MAX_VALUES} values, got {len(parts)}.")
    try:
        return tuple(sorted({read(part) for part in parts}))
    except ValueError as invalid:
        raise BadRequest(f"{name}: {invalid}.") from invalid


def _choice(name: str, text: str | None, choices: dict[str, bool]) -> bool | None:
    if text is None:
        return None
    if text not in choices:
        raise BadRequest(f"{name}: expected {' or '.join(choices)}, got {text[:40]!r}.")
    return choices[text]


def _words(fulltext: str | None) -> tuple[str, ...]:
    if fulltext is None:
        return ()
    distinct_words = tuple(sorted({word[:MAX_WORD] for word in words(fulltext)}))
    if not distinct_words:
        raise BadRequest("fulltext: expected at least one word.")
    if len(distinct_words) > MAX_VALUES:
        raise BadRequest(
            f"fulltext: expected at most {MAX_VALUES} words, got {len(distinct_words)}."
        )
    return distinct_words


def _days(
    parameter: Callable[[str], str | None], zone: ZoneInfo
) -> tuple[datetime | None, datetime | None]:
    first, last = _day("from", parameter("from")), _day("to", parameter("to"))
    if first is not None and last is not None and last < first:
        raise BadRequest(f"to: {last} is before from, {first}.")
    try:
        since = None if first is None else day_start(first, zone)
        until = None if last is None else day_start(last + timedelta(days=1), zone)
    except OverflowError as far:
        raise BadRequest("to: the date is too far in the future.") from far
    return since, until


def _day(name: str, text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(LocalDate.parse(text))
    except ValueError as invalid:
        raise BadRequest(f"{name}: {invalid}.") from invalid


def day_start(day: date, zone: ZoneInfo) -> datetime:
    """The first moment of a day in the zone."""
    return datetime(day.year, day.month, day.day, tzinfo=zone)
