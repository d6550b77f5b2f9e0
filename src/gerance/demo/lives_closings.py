"""How tickets end, and how some begin again."""

from collections.abc import Sequence

from gerance.demo.corpus_journal import (
    ARCHIVINGS,
    BEYOND_SCOPE_IN_COMMON_PARTS,
    BEYOND_SCOPE_IN_DWELLINGS,
    CANCELLATIONS,
    RESULTS_OF_REPAIRS,
    RESULTS_WITHOUT_REPORT,
    UNSUCCESSFUL_RECALLS,
)
from gerance.demo.corpus_trades import TRADES
from gerance.demo.lives_journal import Journal

_UNSEEN_PROVIDERS = (*["NotAsked"] * 6, *["NA"] * 4, *["No"] * 5, "ProviderRefuseToReply")


def fix_permanently(journal: Journal) -> None:
    _close_after_visit(journal, "FixPermanently", (journal.incident.report,), 0.85)


def fix_partially(journal: Journal) -> None:
    reports = TRADES[journal.purpose.trade].partial_reports
    _close_after_visit(journal, "FixPartially", reports, 1.0)


def postpone_fix(journal: Journal) -> None:
    reports = TRADES[journal.purpose.trade].postponed_reports
    _close_after_visit(journal, "PostponeFix", reports, 1.0)


def close_impossible_repair(journal: Journal) -> None:
    reports = TRADES[journal.purpose.trade].impossible_reports
    _close_after_visit(journal, "CloseTicketImpossibleRepair", reports, 1.0)


def close_ticket(journal: Journal) -> None:
    _close_after_visit(journal, "CloseTicket", (journal.incident.report,), 0.6)


def _close_after_visit(
    journal: Journal, command_type: str, reports: Sequence[str], report_share: float
) -> None:
    """A closing that tells the provider, the nature of the breakdown, the report."""
    command = journal.begin()
    if journal.random() < 0.9:
        command["provider"] = journal.provider.provider
    if journal.random() < 0.75:
        command["brakedownNature"] = journal.incident.nature
    command["stillOnSite"] = _still_on_site(journal)
    journal.report = journal.pick(reports) if journal.random() < report_share else None
    if journal.report is not None:
        command["report"] = journal.report
    if command_type == "CloseTicket":
        results = RESULTS_OF_REPAIRS if journal.report else RESULTS_WITHOUT_REPORT
        command["result"] = journal.pick(results)
    command["closingDate"] = journal.date
    journal.end(command, command_type)


def _still_on_site(journal: Journal) -> str:
    if journal.on_site is None:
        return journal.pick(_UNSEEN_PROVIDERS)
    return "Yes" if journal.on_site else "No"


def close_beyond_scope(journal: Journal) -> None:
    private = journal.purpose.private
    comments = BEYOND_SCOPE_IN_DWELLINGS if private else BEYOND_SCOPE_IN_COMMON_PARTS
    _close_with_comment(journal, "CloseBeyondCallCenterScope", "closingDate", comments)


def close_unsuccessful_recalls(journal: Journal) -> None:
    command_type = "CloseAfterSeveralUnsuccessfulRecalls"
    _close_with_comment(journal, command_type, "closingDate", UNSUCCESSFUL_RECALLS)


def archive(journal: Journal) -> None:
    _close_with_comment(journal, "ArchiveTicket", "closingDate", ARCHIVINGS)


def cancel(journal: Journal) -> None:
    _close_with_comment(journal, "CancelTicket", "date", CANCELLATIONS)


def _close_with_comment(
    journal: Journal, command_type: str, date_field: str, comments: Sequence[str]
) -> None:
    command = journal.begin()
    if journal.random() < 0.85:
        command["comment"] = journal.pick(comments)
    command[date_field] = journal.date
    journal.end(command, command_type)


def reopen(journal: Journal, purposes: Sequence[str]) -> None:
    """ReopenTicket; the next visit is a new one."""
    journal.on_site = None
    journal.report = None
    journal.deadline = None
    command = journal.begin()
    if journal.random() < 0.9:
        command["purpose"] = journal.pick(purposes)
    command["date"] = journal.date
    journal.end(command, "ReopenTicket")
