"""How an event changes a ticket. Pure: the same events always make the same state."""

from collections.abc import Callable
from typing import Any

import msgspec

from gerance.incidents.tickets import events as e
from gerance.incidents.tickets.state import (
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
        )
    if state is None:
        raise ValueError(f"{type(event).__name__} before TicketOpened")
    date = _date(state, event)
    if date.moment > state.updated.moment:
        state.updated = date
    if state.clock.reacted is None and event.processUid != state.opened_by:
        state.clock.reacted = date
    if event.makes_state:
        state.state = Moment(type(event).__name__, date)
    assert event.journal is not None
    state.journal.append(event.journal.entry(event, date))
    change = _CHANGES.get(type(event))
    if change is not None:
        change(state, event, date)
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


def _assign(state: TicketState, event: Any, _: DateTime) -> None:
    party = party_in_charge(event.provider if hasattr(event, "provider") else event.assignee)
    if party != state.assigned:
        state.instructions_for_assignee = None
    state.assigned = party
    state.assignee_comment = getattr(event, "comment", None)


def _assign_if_nobody_is(state: TicketState, event: Any, _: DateTime) -> None:
    if state.assigned is None:
        who = getattr(event, "assignee", None) or getattr(event, "provider", None)
        if who is not None:
            state.assigned = party_in_charge(who)
            state.assignee_comment = getattr(event, "comment", None)


def _intervene(state: TicketState, event: Any, date: DateTime) -> None:
    _assign_if_nobody_is(state, event, date)
    state.intervention = True


def _accept(state: TicketState, event: Any, date: DateTime) -> None:
    _intervene(state, event, date)
    if state.clock.accepted is None:
        state.clock.accepted = date


def _schedule(state: TicketState, event: Any, _: DateTime) -> None:
    state.scheduled = Period(event.startDate, event.endDate)
    state.intervention = True


def _instruct(state: TicketState, event: e.InstructionsForAssigneeDefined, _: DateTime) -> None:
    state.instructions_for_assignee = event.instructions


def _order(state: TicketState, event: e.SendingServiceOrderReported, _: DateTime) -> None:
    state.service_order = ServiceOrder(event.ref, event.sendingDate)


def _set_deadline(state: TicketState, event: e.InterventionDeadlineDefined, _: DateTime) -> None:
    state.deadline = event.deadline


def _notify(state: TicketState, event: e.FormalNoticeForProviderReported, _: DateTime) -> None:
    state.deadline = event.deadline
    state.formal_notice = Notice(event.reportDate, event.deadline)


def _at_site(moment: str) -> Callable[[TicketState, Any, DateTime], None]:
    def note(state: TicketState, event: Any, date: DateTime) -> None:
        _intervene(state, event, date)
        if state.clock.on_site is None and moment != "gone":
            state.clock.on_site = date
        if moment in ("finished", "gone") or getattr(state.clock, moment) is None:
            setattr(state.clock, moment, date)

    return note


def _close(state: TicketState, event: Any, date: DateTime) -> None:
    _assign_if_nobody_is(state, event, date)
    state.closed = date
    report = getattr(event, "report", None)
    if report is not None:
        state.report = report
    if isinstance(event, e.PermanentlyFixed):
        state.clock.fixed = date


def _reopen(state: TicketState, _: e.TicketReopened, __: DateTime) -> None:
    state.closed = None
    state.clock.fixed = None


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
                state.instructions_for_assignee = event.text
            elif state.report == entry.text:
                state.report = event.text
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


_CHANGES: dict[type, Callable[[TicketState, Any, DateTime], None]] = {
    e.ProviderAssigned: _assign,
    e.AssigneeIdentified: _assign,
    e.InterventionRequested: _intervene,
    e.InterventionAccepted: _accept,
    e.MissionAccepted: _accept,
    e.InterventionScheduled: _schedule,
    e.MissionScheduled: _schedule,
    e.InstructionsForAssigneeDefined: _instruct,
    e.SendingServiceOrderReported: _order,
    e.InterventionDeadlineDefined: _set_deadline,
    e.FormalNoticeForProviderReported: _notify,
    e.ArrivedOnSite: _at_site("arrived"),
    e.InterventionStarted: _at_site("started"),
    e.InterventionFinished: _at_site("finished"),
    e.GoneFromSite: _at_site("gone"),
    **dict.fromkeys(e.CLOSINGS, _close),
    e.TicketReopened: _reopen,
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
