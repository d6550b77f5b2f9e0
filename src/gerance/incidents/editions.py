"""The editions of the incident API, and the one whose shapes an answer has.

Nothing in a request names the edition of its client. It is a setting of the account; for companies,
their agencies, users and subsidiaries the older path `/companies` means 2017, too. The edition of
2016 documents no reads: its clients read as those of 2017.

The log has each event as its command was sent: with a `provider` (2017) or an `assignee` (2020).
Readers get the one that their edition has, and only event types that their client can read.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from typing import Any, Literal

from gerance.kernel.db import Connection
from gerance.kernel.http.endpoint import Call
from gerance.kernel.identity.accounts import KINDS
from gerance.kernel.identity.principal import Principal
from gerance.kernel.wire import decode, encode

Edition = Literal["2017", "2020"]
"""Whose shapes a reader takes."""

Event = dict[str, Any]
Shaped = tuple[str, bytes]
"""The type of an event and its JSON."""

SHAPED = frozenset(
    (
        "SendingServiceOrderReported",
        "InterventionDeadlineDefined",
        "FormalNoticeForProviderReported",
        "ArrivedOnSite",
        "GoneFromSite",
        "InterventionStarted",
        "InterventionFinished",
    )
)
"""The types of events with a `provider` in 2017 and an `assignee` in 2020."""

_ASSIGNEES = {
    "ReferencedProvider": "ReferencedProviderContact",
    "AnonymousProvider": "AnonymousAssignee",
}
_PROVIDERS = {assignee: provider for provider, assignee in _ASSIGNEES.items()}
_COMMENTED = ("InterventionAccepted", "InterventionRefused")
"""Their events of 2017 always have a comment."""

_OLDER_PATH = re.compile(r"/api/(?:v1|vevent)/companies(?:/|$)", re.IGNORECASE)

NAMES_OF_2017 = {
    "AssigneeIdentified": "ProviderAssigned",
    "InterventionScheduled": "MissionScheduled",
    "InterventionAccepted": "MissionAccepted",
    "InterventionRefused": "MissionRefused",
}
"""Event types that have another name in 2017."""

EVENTS_OF_2017 = frozenset(
    (
        "ProviderContactAdded",
        "ProviderContactAssociatedToCallCenter",
        "ProviderContactAssociatedToAgency",
        "ProviderContactAssociatedToCompany",
        "ProviderContactDissociatedFromAgency",
        "ProviderContactUpdated",
        "ProviderContactDisabled",
        "ProviderContactEnabled",
        "TicketOpened",
        "CallEmittedTo",
        "CallReceived",
        "ProviderAssigned",
        "SendingServiceOrderReported",
        "CallAnsweredByProvider",
        "CallNotAnsweredByProvider",
        "MissionScheduled",
        "InterventionDeadlineDefined",
        "FormalNoticeForProviderReported",
        "MissionAccepted",
        "MissionRefused",
        "TicketReopened",
        "LogTrialAdded",
        "MessageAdded",
        "TicketCancelled",
        "ArrivedOnSite",
        "GoneFromSite",
        "InterventionStarted",
        "InterventionFinished",
        "TicketUpdated",
        "TicketInformationsCorrected",
        "TicketEventInformationsCorrected",
        "TicketClosed",
        "TicketArchived",
        "PermanentlyFixed",
        "PartiallyFixed",
        "TicketClosedImpossibleRepair",
        "PostponedFix",
        "ClosedBeyondCallCenterScope",
        "ClosedAfterSeveralUnsuccessfulRecalls",
    )
)
"""The event types that the edition of 2017 has."""


def edition_of(principal: Principal) -> Edition:
    """The edition that the client of this account reads."""
    return "2020" if principal.edition == "2020" else "2017"


def edition_of_path(call: Call) -> Edition:
    """The edition of an answer about companies: that of the account, and of the path."""
    is_older = _OLDER_PATH.match(call.request.scope["asked_path"])
    return "2017" if is_older else edition_of(call.principal)


def unreadable_kinds(call: Call) -> list[str]:
    """The kinds of users that the client of this call cannot read."""
    kinds = [kind for kind in KINDS if kind in call.principal.hidden_types]
    if edition_of_path(call) == "2017" and "patrimonyUser" not in kinds:
        kinds.append("patrimonyUser")
    return kinds


def name_for(principal: Principal, event_type: str) -> str | None:
    """How the client of this account calls an event type; None for one that it cannot read."""
    name = event_type
    if edition_of(principal) == "2017":
        name = NAMES_OF_2017.get(event_type, event_type)
        if name not in EVENTS_OF_2017:
            return None
    return None if name in principal.hidden_types else name


def readable_types(principal: Principal, event_types: Collection[str]) -> list[str] | None:
    """Those of the event types that the client of this account can read; None for all of them."""
    readable = [kind for kind in sorted(event_types) if name_for(principal, kind) is not None]
    return None if len(readable) == len(event_types) else readable


async def shape_events(
    connection: Connection, principal: Principal, events: Iterable[tuple[str, bytes]]
) -> list[Shaped | None]:
    """Each of the events, given by type and JSON, as the client of this account reads it.

    None for one that it cannot read.
    """
    kinds = [(kind, data, name_for(principal, kind)) for kind, data in events]
    if edition_of(principal) == "2020":
        return [
            None if name is None else (name, _with_assignee(kind, data))
            for kind, data, name in kinds
        ]
    decoded = [
        decode(Event, data) if name is not None and b'"assignee"' in data else None
        for _, data, name in kinds
    ]
    companies = await _company_names(connection, [each for each in decoded if each is not None])
    return [
        None
        if name is None
        else (name, data if event is None else encode(_with_provider(kind, event, companies)))
        for (kind, data, name), event in zip(kinds, decoded, strict=True)
    ]


def _with_assignee(kind: str, data: bytes) -> bytes:
    """The event in the shape of 2020. Its types of 2017 stay as they are: clients read both."""
    if kind not in SHAPED or b'"provider"' not in data:
        return data
    event = decode(Event, data)
    provider = event.pop("provider", None)
    if provider is None:
        return data
    tag = _ASSIGNEES[provider.pop("providerType")]
    return encode(event | {"assignee": provider | {"assigneeType": tag}})


def _with_provider(kind: str, event: Event, companies: dict[str, str]) -> Event:
    """The event in the shape of 2017."""
    assignee = event.pop("assignee")
    tag = assignee.pop("assigneeType")
    if tag == "ReferencedProviderCompany":
        uid = assignee["providerUid"]
        name = {"value": companies.get(uid, uid), "nameType": "PoorName"}
        assignee = {"name": name, "phones": [], "fax": [], "emails": []}
        tag = "AnonymousAssignee"
    event["provider"] = assignee | {"providerType": _PROVIDERS[tag]}
    event["eventType"] = NAMES_OF_2017.get(kind, kind)
    if kind == "AssigneeIdentified":
        comment = {"comment": event.pop("comment")} if "comment" in event else {}
        event["purpose"] = {**comment, "providerAssignationPurposeType": "RecourseChanged"}
    elif kind in _COMMENTED:
        event.setdefault("comment", "")
    return event


async def _company_names(connection: Connection, events: Sequence[Event]) -> dict[str, str]:
    """The names of the provider companies among the assignees: 2017 has no form for them but that
    of an anonymous provider."""
    uids = {
        event["assignee"]["providerUid"]
        for event in events
        if event["assignee"]["assigneeType"] == "ReferencedProviderCompany"
    }
    if not uids:
        return {}
    rows = await connection.execute(
        "SELECT uid::text, name FROM provider_company WHERE uid = ANY(%s::uuid[])", [list(uids)]
    )
    return dict(await rows.fetchall())
