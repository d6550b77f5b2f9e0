"""A ticket as clients read it: in a list, in an export, by itself.

The shapes are those of the reference's examples (2017), with the later fields (2020). Members
without a value are left out. Durations are in milliseconds, moments in UTC.
"""

from datetime import timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from gerance.incidents.tickets.journal import JournalEntry, medium_view
from gerance.incidents.tickets.state import Parties, PartyInCharge, ShownProvider, TicketState
from gerance.incidents.values import ContactToCallback, HumanCaller, ReferencedContactCaller
from gerance.kernel.wire import DateTime, day_of, encode

View = dict[str, Any]

_DATE = itemgetter("date")
_MILLISECOND = timedelta(milliseconds=1)


def list_and_export(state: TicketState, parties: Parties) -> tuple[bytes, bytes]:
    """The members of TicketQueryView, and those that ExportedTicket adds.

    As JSON without braces: the first in braces is a list's element, both in braces an export's.
    """
    scheduled, notice = state.scheduled, state.formal_notice
    plan = _present(
        interventionScheduled=scheduled
        and {"startDate": scheduled.startDate.utc, "endDate": scheduled.endDate.utc},
        interventionDeadline=state.deadline and state.deadline.utc,
        formalNotice=notice and {"date": notice.date.utc, "deadline": notice.deadline.utc},
    )
    messages = [
        {"date": entry.date.utc, "message": entry.data["message"]}
        for entry in state.journal
        if entry.event == "MessageAdded"
    ]
    messages.sort(key=_DATE)
    more = {
        "request": state.infos.request,
        "journalAdditionalInfos": _present(
            interventionStarted=state.start and state.start.utc, **plan
        ),
        "freeCommentaries": messages,
        "stats": _as_texts(durations(state)),
        "additionalDataz": state.infos.additionalData,
        **plan,
    }
    return encode(_list_view(state, parties))[1:-1], encode(more)[1:-1]


def detailed(state: TicketState, parties: Parties, zone: ZoneInfo, server: str = "") -> bytes:
    """DetailedTicketView, as JSON; the journal is grouped by day in `zone`; `server`: the URL that
    links begin with."""
    infos, location, order = state.infos, parties.location, state.service_order
    stats = durations(state)
    view = _list_view(state, parties)
    view |= {
        "linkedEntities": _present(
            openedFromSimplifiedRequest=state.simplified_request,
            agencies=location.agencies,
            patrimony=location.patrimony,
            clientCompany=_present(
                uid=location.company.uid, name=location.company.name, holding=location.holding
            ),
        ),
        "request": infos.request,
        **_present(instructions=infos.instructions, report=state.report),
        "dates": _dates(state),
        "caller": _caller(state, parties, with_comment=True),
        "journal": _journal(state, parties, zone),
        "additionalDataz": state.infos.additionalData,
        "stats": _as_texts(stats),
        **stats,
        **_present(
            contactToCallback=_contact_to_callback(state),
            serviceOrder=order and {"ref": order.ref, "sendingDate": order.sendingDate.utc},
            qualification=_qualification(state),
        ),
        "updatedFields": [
            {"field": field, "updatedDates": [date.utc for date in dates]}
            for field, dates in state.corrected.items()
        ],
        "_links": [
            {"rel": "self", "href": f"{server}/api/v1/tickets/{state.uid}", "method": "GET"},
            {
                "rel": "IncrementTicket",
                "href": f"{server}/api/vEvent/tickets/{state.uid}",
                "method": "PATCH",
            },
        ],
    }
    return encode(view)


def reference(state: TicketState, parties: Parties) -> str:
    """The ticket's `ref`: the client's claim number, else the call centre's, else its own."""
    claim = state.infos.claimNumber
    return claim.clientClaimNumber or claim.callCenterClaimNumber or parties.ref or state.uid


def caller_name(state: TicketState, parties: Parties) -> str:
    caller = state.infos.caller
    if isinstance(caller, HumanCaller):
        return caller.name.full
    if isinstance(caller, ReferencedContactCaller):
        contact = parties.contacts.get(caller.uid)
        return contact.name if contact else caller.uid
    return caller


def provider_of(in_charge: PartyInCharge, parties: Parties) -> ShownProvider:
    """The provider in charge, as it is shown."""
    if in_charge.uid is None:
        name = in_charge.name or ""
        return ShownProvider(name, in_charge.phones, in_charge.fax, in_charge.emails)
    return parties.providers.get(in_charge.uid) or ShownProvider(in_charge.uid)


def durations(state: TicketState) -> View:
    """The ticket's durations in milliseconds, those that are known.

    callCenterReactionTime: opening to the first event of a later command; transmissionTime: opening
    to the first acceptance; interventionResponseTime: opening to the first sign of the provider on
    site; interventionDuration: first start of the repair, else first arrival, to the last end, else
    the last departure; repairTime: opening to the permanent fix.
    """
    clock = state.clock
    return _present(
        callCenterReactionTime=_between(state.opened, clock.reaction),
        transmissionTime=_between(state.opened, clock.acceptance),
        interventionResponseTime=_between(state.opened, clock.presence),
        interventionDuration=_between(clock.start or clock.arrival, clock.end or clock.departure),
        repairTime=_between(state.opened, clock.fix),
    )


def _as_texts(durations: View) -> View:
    """The durations as texts, which the reference's examples of `stats` have."""
    return {name: str(milliseconds) for name, milliseconds in durations.items()}


def _list_view(state: TicketState, parties: Parties) -> View:
    infos, location = state.infos, parties.location
    return {
        "uid": state.uid,
        "ref": reference(state, parties),
        "agencies": location.agencies,
        **_present(patrimony=location.patrimony),
        "status": "OPENED" if state.closed is None else "CLOSED",
        "state": {"value": state.state.value, "date": state.state.date.utc},
        **_dates(state),
        "callPurpose": infos.callPurposeLabel,
        "openingTicketPurpose": _present(
            callPurpose=infos.callPurposeLabel, callPurposeUid=infos.callPurposeUid
        ),
        **_in_charge(state, parties),
        "caller": _caller(state, parties, with_comment=False),
        "address": infos.address,
    }


def _present(**values: Any) -> View:
    return {name: value for name, value in values.items() if value is not None}


def _dates(state: TicketState) -> View:
    return _present(
        created=state.opened.utc,
        updated=state.updated.utc,
        closed=state.closed and state.closed.utc,
    )


def _in_charge(state: TicketState, parties: Parties) -> View:
    in_charge = state.assigned
    if in_charge is None:
        return {}
    contact_details = provider_of(in_charge, parties)
    provider = {
        **_present(uid=in_charge.uid),
        "name": contact_details.name,
        "phones": contact_details.phones,
        "fax": contact_details.fax,
        "emails": contact_details.emails,
    }
    assignee = provider | _present(
        instructionsForAssignee=state.instructions_for_assignee, comment=state.assignee_comment
    )
    return {"provider": provider, "assignee": assignee | {"assigneeType": in_charge.kind}}


def _caller(state: TicketState, parties: Parties, *, with_comment: bool) -> View:
    caller = state.infos.caller
    view: View = {"name": caller_name(state, parties)}
    if isinstance(caller, HumanCaller):
        if caller.medium is not None:
            view["medium"] = [medium_view(caller.medium)]
        if with_comment and caller.comment is not None:
            view["comment"] = caller.comment
    elif isinstance(caller, ReferencedContactCaller):
        contact = parties.contacts.get(caller.uid)
        view = {"uid": caller.uid, **view}
        if contact is not None and contact.medium is not None:
            view["medium"] = [contact.medium]
    return view


def _contact_to_callback(state: TicketState) -> ContactToCallback | None:
    contact = state.infos.contactToCallback
    if contact is None or contact.availability is None:
        return contact
    return msgspec.structs.replace(contact, availability=contact.availability.utc)


def _journal(state: TicketState, parties: Parties, zone: ZoneInfo) -> list[View]:
    entries = sorted(state.journal, key=lambda entry: entry.date.moment)
    return [
        {"day": day.isoformat(), "events": [_journal_event(entry, parties) for entry in events]}
        for day, events in groupby(entries, key=lambda entry: day_of(entry.date.moment, zone))
    ]


def _journal_event(entry: JournalEntry, parties: Parties) -> View:
    data = entry.data
    if entry.party is not None:
        provider = parties.providers.get(entry.party)
        data = {**data, entry.party_key: provider.name if provider else entry.party}
    return {"eventName": entry.event, "date": entry.date.utc, "data": data}


def _qualification(state: TicketState) -> View | None:
    if not state.choices and state.workflow is None and state.contextual_comment is None:
        return None
    return _present(
        choices=state.choices, workflowApplied=state.workflow, comment=state.contextual_comment
    )


def _between(start: DateTime | None, end: DateTime | None) -> int | None:
    if start is None or end is None:
        return None
    milliseconds = (end.moment - start.moment) // _MILLISECOND
    return milliseconds if milliseconds >= 0 else None
