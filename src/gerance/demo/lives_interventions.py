"""A provider's part of a ticket, in the commands of its era (2017 or 2020)."""

from gerance.demo.corpus_journal import (
    ACCEPTANCES,
    ASSIGNMENTS,
    INSTRUCTIONS_TO_PROVIDER,
    PURPOSES_OF_ASSIGNMENT,
    RECOURSES,
    REFUSALS,
    REQUESTS_BY_MEDIUM,
    SCHEDULES,
)
from gerance.demo.lives_calendar import wire
from gerance.demo.lives_journal import Journal


def choose_provider(journal: Journal) -> None:
    """A provider for the purpose: nearly always the one the client account knows first."""
    roles = journal.site.desk.providers[journal.purpose.trade]
    journal.provider = roles[0] if journal.random() < 0.8 else journal.pick(roles)


def choose_another_provider(journal: Journal) -> None:
    """The next one of the trade, after a refusal."""
    roles = journal.site.desk.providers[journal.purpose.trade]
    journal.provider = roles[(roles.index(journal.provider) + 1) % len(roles)]


def assign(journal: Journal, *, again: bool = False) -> None:
    """AssignProvider (2017) or IdentifyAssignee (2020)."""
    if journal.of_2017:
        command = journal.begin()
        command["provider"] = journal.provider.provider
        if again or journal.random() < 0.5:
            command["purpose"] = {
                "comment": journal.pick(RECOURSES),
                "providerAssignationPurposeType": "RecourseChanged",
            }
        else:
            command["purpose"] = {
                "purpose": journal.pick(PURPOSES_OF_ASSIGNMENT),
                "providerAssignationPurposeType": "Purpose",
            }
        command["date"] = journal.date
        journal.end(command, "AssignProvider")
        return
    command = journal.begin_with_provider()
    if journal.random() < 0.35:
        command["comment"] = journal.pick(RECOURSES if again else ASSIGNMENTS)
    if journal.random() < 0.3:
        command["instructions"] = journal.pick(INSTRUCTIONS_TO_PROVIDER)
    command["date"] = journal.date
    journal.end(command, "IdentifyAssignee")


def request_intervention(journal: Journal) -> None:
    """RequestIntervention (2020) over a medium the provider has."""
    command = journal.begin_with_provider()
    command["medium"] = journal.pick(journal.provider.media)
    journal.remark(command, 0.4, REQUESTS_BY_MEDIUM)
    command["date"] = journal.date
    journal.end(command, "RequestIntervention")


def accept(journal: Journal) -> None:
    """AcceptMission (2017, always commented) or AcceptIntervention (2020)."""
    command = journal.begin_with_provider()
    notify = not journal.of_2017 and journal.provider.email and journal.random() < 0.15
    if journal.of_2017 or journal.random() < 0.5:
        comments = journal.purpose.comments if journal.random() < 0.5 else ACCEPTANCES
        command["comment"] = journal.pick(comments)
        if not notify:
            journal.remarks.append(command["processUid"])
    command["date"] = journal.date
    if notify:
        command["requestNotificationTo"] = {
            "assigneeEmail": journal.provider.email,
            "otherRecipients": [],
        }
    journal.end(command, "AcceptMission" if journal.of_2017 else "AcceptIntervention")


def refuse(journal: Journal) -> None:
    """RefuseMission (2017) or RefuseIntervention (2020), with the reason."""
    command = journal.begin_with_provider()
    journal.remark(command, 1.0, REFUSALS)
    command["date"] = journal.date
    journal.end(command, "RefuseMission" if journal.of_2017 else "RefuseIntervention")


def schedule(journal: Journal, start: int, seconds: int) -> None:
    """ScheduleMission (2017) or ScheduleIntervention (2020), from `start` for `seconds`."""
    command = journal.begin_with_provider()
    journal.remark(command, 0.5, SCHEDULES)
    command["date"] = journal.date
    command["startDate"] = wire(start)
    command["endDate"] = wire(start + seconds)
    journal.end(command, "ScheduleMission" if journal.of_2017 else "ScheduleIntervention")


def report_service_order(journal: Journal) -> None:
    """ReportSendingServiceOrder: the order left a little before it is reported."""
    command = journal.begin_with_provider(by_name=True)
    command["ref"] = f"OS-{journal.year}-{journal.number + 1:06d}"
    command["reportDate"] = journal.date
    command["sendingDate"] = wire(journal.moment - 20)
    journal.end(command, "ReportSendingServiceOrder")


def define_deadline(journal: Journal, deadline: int) -> None:
    """DefineInterventionDeadline."""
    journal.deadline = deadline
    command = journal.begin_with_provider()
    command["date"] = journal.date
    command["deadline"] = wire(deadline)
    journal.end(command, "DefineInterventionDeadline")


def report_formal_notice(journal: Journal, deadline: int) -> None:
    """ReportFormalNoticeForProvider; the caller sees to it that the old deadline is past."""
    journal.deadline = deadline
    command = journal.begin_with_provider()
    if journal.random() < 0.6:
        command["ref"] = f"MED-{journal.year}-{journal.number + 1:06d}"
    command["reportDate"] = journal.date
    command["deadline"] = wire(deadline)
    journal.end(command, "ReportFormalNoticeForProvider")


def arrive(journal: Journal) -> None:
    journal.on_site = True
    _on_site(journal, "date", "ArriveOnSite")


def start(journal: Journal) -> None:
    _on_site(journal, "startedDate", "StartIntervention")


def finish(journal: Journal) -> None:
    _on_site(journal, "finishedDate", "FinishIntervention")


def leave(journal: Journal) -> None:
    journal.on_site = False
    _on_site(journal, "date", "GoFromSite")


def _on_site(journal: Journal, date_field: str, command_type: str) -> None:
    command = journal.begin_with_provider()
    command[date_field] = journal.date
    journal.end(command, command_type)
