"""How an event changes a ticket. Pure: the same events always make the same state.

Senders enter events late, and in any order. What a ticket shows follows from the business dates of
its events, not from the order in which they arrive; corrections alone follow their arrival, because
they are about what was known then. `timeline` has the status, the state and the durations.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from gerance.incidents.tickets import events as e
from gerance.incidents.tickets import timeline
from gerance.incidents.tickets.base_events import ReportedClosingEvent
from gerance.incidents.tickets.state import (
    Instructions,
    Moment,
    Notice,
    PartyInCharge,
    Period,
    ServiceOrder,
    TicketState,
)
from gerance.incidents.values import (
    AnonymousAssignee,
    Provider,
    ReferencedProvider,
    ReferencedProviderContact,
    TicketAssignee,
)
from gerance.kernel.wire import DateTime


def evolve(state: TicketState | None, event: e.AnyTicketEvent) -> TicketState:
    """The ticket after the event. `state` is changed in place and must not be used afterwards."""
    if isinstance(event, e.TicketOpened):
        return TicketState(
            uid=event.aggregateUid,
            opened_by=event.processUid,
            location=event.locationRef,
            infos=event.ticket,
            opened=event.openedDate,
            updated=event.openedDate,
            state=Moment("TicketOpened", event.openedDate),
            opening=event.openedDate,
        )
    if state is None:
        raise ValueError(f"{type(event).__name__} before TicketOpened")
    date = _date(state, event).utc
    late = date.moment < state.updated.moment
    if not late:
        state.updated = date
    assert event.journal is not None
    state.journal.append(event.journal.entry(event, date))
    change = _CHANGES.get(type(event))
    if change is not None:
        change(state, event, date)
    timeline.follow(state, event, date, late=late)
    return state


def _date(state: TicketState, event: e.AnyTicketEvent) -> DateTime:
    """When it happened. An event without a date has that of the event before it in its command."""
    assert event.journal is not None
    date = event.journal.date_of(event)
    if date is not None:
        return date
    last = state.journal[-1] if state.journal else None
    if last is not None and last.processUid == event.processUid:
        return last.date
    if last is None and state.opened_by == event.processUid and state.opening is not None:
        return state.opening
    return event.sentDate


def party_in_charge(who: Provider | TicketAssignee) -> PartyInCharge:
    """A provider (2017) or an assignee (2020) as the one in charge."""
    if isinstance(who, ReferencedProvider | ReferencedProviderContact):
        return PartyInCharge("ProviderContact", uid=who.providerUid)
    if isinstance(who, AnonymousAssignee) or not hasattr(who, "providerUid"):
        return PartyInCharge(
            "Anonymous",
            name=who.name.full,
            phones=who.phones,
            fax=who.fax,
            emails=who.emails,
        )
    return PartyInCharge("ProviderCompany", uid=who.providerUid)


def _is_last(state: TicketState, field: str, date: DateTime) -> bool:
    """Whether no event of a later business date has set the field. Notes the date if so."""
    last = state.dates.get(field)
    if last is not None and date.moment < last.moment:
        return False
    state.dates[field] = date
    return True


def _assign(state: TicketState, event: Any, date: DateTime) -> None:
    """The last party that was assigned or identified is in charge."""
    if not state.by_name:
        state.dates.pop("assigned", None)
    if _is_last(state, "assigned", date):
        who = event.provider if isinstance(event, e.ProviderAssigned) else event.assignee
        state.assigned = party_in_charge(who)
        state.assignee_comment = getattr(event, "comment", None)
    state.by_name = True


def _involve(state: TicketState, event: Any, date: DateTime) -> None:
    """The first party that was involved is in charge, while none was assigned or identified."""
    who = getattr(event, "assignee", None) or getattr(event, "provider", None)
    if state.by_name or who is None:
        return
    first = state.dates.get("assigned")
    if first is None or date.moment < first.moment:
        state.dates["assigned"] = date
        state.assigned = party_in_charge(who)
        state.assignee_comment = getattr(event, "comment", None)


def _intervene(state: TicketState, event: Any, date: DateTime) -> None:
    _involve(state, event, date)
    state.intervention = True


def _visit(state: TicketState, event: Any, date: DateTime) -> None:
    _intervene(state, event, date)
    state.visited = True


def _schedule(state: TicketState, event: Any, date: DateTime) -> None:
    if _is_last(state, "scheduled", date):
        state.scheduled = Period(event.startDate, event.endDate)
    state.intervention = True


def _instruct(state: TicketState, event: e.InstructionsForAssigneeDefined, date: DateTime) -> None:
    party = party_in_charge(event.assignee)
    before = next((each for each in state.instructions if each.party == party), None)
    if before is None or date.moment >= before.date.moment:
        others = [each for each in state.instructions if each.party != party]
        now = Instructions(party, event.instructions, date, event.processUid)
        state.instructions = [*others, now]


def _order(state: TicketState, event: e.SendingServiceOrderReported, date: DateTime) -> None:
    if _is_last(state, "service_order", date):
        state.service_order = ServiceOrder(event.ref, event.sendingDate)


def _set_deadline(state: TicketState, event: Any, date: DateTime) -> None:
    if _is_last(state, "deadline", date):
        state.deadline = event.deadline


def _notify(state: TicketState, event: e.FormalNoticeForProviderReported, date: DateTime) -> None:
    _set_deadline(state, event, date)
    if _is_last(state, "formal_notice", date):
        state.formal_notice = Notice(event.reportDate, event.deadline)


def _close(state: TicketState, event: Any, date: DateTime) -> None:
    _involve(state, event, date)
    report = getattr(event, "report", None)
    if report is not None and _is_last(state, "report", date):
        state.report = report


def _update(state: TicketState, event: e.TicketUpdated, _: DateTime) -> None:
    state.location = event.locationRef
    state.infos = event.ticket
    state.opened = event.openedDate


def _correct(state: TicketState, event: e.TicketInformationsCorrected, date: DateTime) -> None:
    fields = event.fieldsCorrected
    if fields.request is not None:
        state.infos = msgspec.structs.replace(state.infos, request=fields.request)
        _note_correction(state, "request", date)
    if fields.instructions is not None:
        state.infos = msgspec.structs.replace(state.infos, instructions=fields.instructions)
        _note_correction(state, "instructions", date)
    if fields.closingReport is not None:
        # The report of a later closing replaces it, not one that is entered late.
        state.dates.setdefault("report", timeline.last_closing(state) or date)
        state.report = fields.closingReport
        _note_correction(state, "closingReport", date)


def _correct_event(
    state: TicketState, event: e.TicketEventInformationsCorrected, _: DateTime
) -> None:
    for entry in state.journal:
        if entry.processUid == event.targetedEvent and entry.text is not None:
            if entry.event == "MessageAdded":
                entry.data = {**entry.data, "message": event.text}
            elif entry.event == "InstructionsForAssigneeDefined":
                state.instructions = [
                    msgspec.structs.replace(each, text=event.text)
                    if each.processUid == event.targetedEvent
                    else each
                    for each in state.instructions
                ]
            elif entry.event in _REPORT_EVENTS and state.dates.get("report") == entry.date:
                state.report = event.text
            elif state.dates.get("assigned") == entry.date and state.assignee_comment == entry.text:
                state.assignee_comment = event.text
            entry.text = event.text
            break


def _correct_purpose(
    state: TicketState, event: e.OpeningTicketPurposeCorrected, date: DateTime
) -> None:
    state.infos = msgspec.structs.replace(
        state.infos, callPurposeLabel=event.otpLabel, callPurposeUid=event.otpUid
    )
    _note_correction(state, "openingTicketPurpose", date)


def _correct_location(
    state: TicketState, event: e.LocationReferenceCorrected, date: DateTime
) -> None:
    state.location = event.locationReference
    state.infos = msgspec.structs.replace(state.infos, address=event.address)
    _note_correction(state, "locationReference", date)


def _correct_caller(state: TicketState, event: e.CallerCorrected, date: DateTime) -> None:
    state.infos = msgspec.structs.replace(state.infos, caller=event.caller)
    _note_correction(state, "caller", date)


def _note_correction(state: TicketState, field: str, date: DateTime) -> None:
    state.corrected.setdefault(field, []).append(date)


def _restrict(state: TicketState, event: e.AccessRestrictedToTicket, _: DateTime) -> None:
    state.access = event.accessControlList


def _link_request(
    state: TicketState, event: e.TicketOpenedFromSimplifiedRequest, _: DateTime
) -> None:
    state.simplified_request = event.fromSimplifiedRequest


def _qualify(state: TicketState, event: e.TicketQualifiedByCriteria, _: DateTime) -> None:
    state.choices = event.choices


def _apply_workflow(state: TicketState, event: e.WorkflowAppliedToTicket, _: DateTime) -> None:
    state.workflow = event.workflow


def _display_comment(
    state: TicketState, event: e.ContextualCommentDisplayedOnTicket, _: DateTime
) -> None:
    state.contextual_comment = event.comment


_REPORT_EVENTS = frozenset(
    kind.__name__ for kind in e.CLOSINGS if issubclass(kind, ReportedClosingEvent)
)

_CHANGES: dict[type, Callable[[TicketState, Any, DateTime], None]] = {
    e.ProviderAssigned: _assign,
    e.AssigneeIdentified: _assign,
    e.InterventionRequested: _intervene,
    e.InterventionAccepted: _intervene,
    e.MissionAccepted: _intervene,
    e.InterventionScheduled: _schedule,
    e.MissionScheduled: _schedule,
    e.InstructionsForAssigneeDefined: _instruct,
    e.SendingServiceOrderReported: _order,
    e.InterventionDeadlineDefined: _set_deadline,
    e.FormalNoticeForProviderReported: _notify,
    e.ArrivedOnSite: _visit,
    e.InterventionStarted: _visit,
    e.InterventionFinished: _visit,
    e.GoneFromSite: _visit,
    **dict.fromkeys(e.CLOSINGS, _close),
    e.TicketUpdated: _update,
    e.TicketInformationsCorrected: _correct,
    e.TicketEventInformationsCorrected: _correct_event,
    e.OpeningTicketPurposeCorrected: _correct_purpose,
    e.LocationReferenceCorrected: _correct_location,
    e.CallerCorrected: _correct_caller,
    e.AccessRestrictedToTicket: _restrict,
    e.TicketOpenedFromSimplifiedRequest: _link_request,
    e.TicketQualifiedByCriteria: _qualify,
    e.WorkflowAppliedToTicket: _apply_workflow,
    e.ContextualCommentDisplayedOnTicket: _display_comment,
}
