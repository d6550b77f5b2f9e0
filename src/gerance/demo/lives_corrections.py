"""What operators put right afterwards: caller, place, purpose, texts; and who may read a ticket."""

from typing import Any

from gerance.demo.corpus_journal import (
    CORRECTED_COMMENTS,
    INSTRUCTIONS_TO_CALL_CENTRE,
    REPORT_PRECISIONS,
    REQUEST_PRECISIONS,
)
from gerance.demo.lives_journal import Journal
from gerance.demo.world_records import Wire

_ONLY_THE_CALLER: Wire = {"accessGrantTo": "TicketCaller", "accessControlType": "PatrimonyUser"}


def restrict_access(journal: Journal) -> None:
    """RestrictAccessToTicket: of the patrimony's users only the caller reads it."""
    command = journal.begin_named()
    command["accessControlList"] = [_ONLY_THE_CALLER]
    journal.end(command, "RestrictAccessToTicket")


def update_ticket(journal: Journal) -> None:
    """UpdateTicket: all that OpenTicket said, with a more precise request."""
    opening = journal.commands[0][1]
    ticket: dict[str, Any] = dict(opening["ticket"])
    ticket["request"] = f"{ticket['request']} {journal.pick(REQUEST_PRECISIONS)}"
    command: Wire = {"processUid": journal.a_uid(), "locationRef": journal.site.location}
    if "operator" in opening:
        command["operator"] = opening["operator"]
    command["ticket"] = ticket
    command["openedDate"] = opening["openedDate"]
    journal.end(command, "UpdateTicket")


def correct_texts(journal: Journal) -> None:
    """CorrectTicketInformations of an open ticket: its request, its instructions, or both."""
    fields: Wire = {}
    draw = journal.random()
    if draw < 0.7:
        request = journal.commands[0][1]["ticket"]["request"]
        fields["request"] = f"{request} {journal.pick(REQUEST_PRECISIONS)}"
    if draw > 0.5:
        fields["instructions"] = journal.pick(INSTRUCTIONS_TO_CALL_CENTRE)
    _correct(journal, fields)


def correct_closing_report(journal: Journal) -> None:
    """CorrectTicketInformations of a ticket closed with a report: the report, completed."""
    _correct(journal, {"closingReport": f"{journal.report} {journal.pick(REPORT_PRECISIONS)}"})


def _correct(journal: Journal, fields: Wire) -> None:
    command: Wire = {"processUid": journal.a_uid(), "fieldsToCorrect": fields}
    command["operator"] = journal.pick(journal.site.desk.named_operators)
    command["date"] = journal.date
    journal.end(command, "CorrectTicketInformations")


def correct_event(journal: Journal) -> None:
    """CorrectTicketEventInformations of a command that left a comment or a message."""
    command: Wire = {
        "processUid": journal.a_uid(),
        "targetedEvent": journal.pick(journal.remarks),
        "text": journal.pick(CORRECTED_COMMENTS),
        "operator": journal.pick(journal.site.desk.named_operators),
        "date": journal.date,
    }
    journal.end(command, "CorrectTicketEventInformations")


def correct_purpose(journal: Journal) -> None:
    """CorrectOpeningTicketPurpose: the label the request should have had from the start."""
    journal.mislabelled = False
    command = journal.begin()
    command["otpLabel"] = journal.purpose.label
    if journal.chance(0.6):
        command["otpUid"] = journal.cast.purpose_uids[journal.purpose.label]
    journal.end(command, "CorrectOpeningTicketPurpose")


def correct_location(journal: Journal) -> None:
    """CorrectLocationReference: another patrimony of the same agency."""
    sites = journal.cast.sites
    others = [sites[i] for i in journal.site.siblings if sites[i] is not journal.site]
    site = journal.site = journal.pick(others)
    command = journal.begin()
    command["address"] = site.address
    command["locationReference"] = site.location
    journal.end(command, "CorrectLocationReference")


def correct_caller(journal: Journal) -> None:
    """CorrectCaller: it was another resident of the same place."""
    journal.caller = journal.pick([c for c in journal.site.callers if c is not journal.caller])
    command = journal.begin()
    command["caller"] = journal.caller.caller
    journal.end(command, "CorrectCaller")
