"""What is said during a ticket: calls made and received, messages, trials over the telephone."""

from collections.abc import Sequence

from gerance.demo.corpus_journal import (
    IMPATIENT_COMMENTS,
    IMPATIENT_PURPOSES,
    PROVIDER_ANSWERS,
    PROVIDER_SILENCES,
)
from gerance.demo.corpus_trades import TRADES
from gerance.demo.lives_journal import Journal
from gerance.demo.lives_roles import CallerRole
from gerance.demo.world_records import Wire


def call_the_caller(journal: Journal, comments: Sequence[str]) -> None:
    """EmitCallTo the person who called (or the one a monitor stands for)."""
    call(journal, journal.caller, comments)


def call(journal: Journal, role: CallerRole, comments: Sequence[str]) -> None:
    """EmitCallTo anybody of the place."""
    _emit(journal, role.persona, role.medium, 0.9, comments)


def call_the_provider(journal: Journal) -> None:
    """EmitCallTo the provider, before it is known whether anybody answers."""
    provider = journal.provider
    _emit(journal, provider.persona, provider.phone, 0.0, ())


def _emit(
    journal: Journal, recipient: Wire, medium: Wire, commented: float, comments: Sequence[str]
) -> None:
    command = journal.begin()
    command["recipient"] = recipient
    journal.remark(command, commented, comments)
    command["medium"] = medium
    command["date"] = journal.date
    journal.end(command, "EmitCallTo")


def provider_answers(journal: Journal) -> None:
    _provider_call(journal, _said_by_provider(journal, PROVIDER_ANSWERS), "ProviderAnswerCall")


def provider_is_silent(journal: Journal) -> None:
    _provider_call(journal, journal.pick(PROVIDER_SILENCES), "ProviderNotAnswerCall")


def _provider_call(journal: Journal, comment: str, command_type: str) -> None:
    command = journal.begin()
    command["provider"] = journal.provider.provider
    command["comment"] = comment
    command["date"] = journal.date
    journal.remarks.append(command["processUid"])
    journal.end(command, command_type)


def _said_by_provider(journal: Journal, comments: Sequence[str]) -> str:
    """What this trade says about this purpose, or what any provider says."""
    return journal.pick(journal.purpose.comments if journal.random() < 0.6 else comments)


def receive_call(
    journal: Journal,
    purposes: Sequence[str] = IMPATIENT_PURPOSES,
    comments: Sequence[str] = IMPATIENT_COMMENTS,
) -> None:
    """ReceiveCall from the caller, by default an impatient one."""
    command = journal.begin()
    command["callPurpose"] = journal.pick(purposes)
    command["caller"] = journal.caller.name
    journal.remark(command, 0.85, comments)
    command["medium"] = journal.caller.medium
    command["date"] = journal.date
    journal.end(command, "ReceiveCall")


def add_message(journal: Journal, messages: Sequence[str] | None = None) -> None:
    """AddMessage, by default one that fits the purpose."""
    command = journal.begin()
    command["message"] = journal.pick(messages or journal.purpose.messages)
    command["messageAddedDate"] = journal.date
    journal.remarks.append(command["processUid"])
    journal.end(command, "AddMessage")


def add_log_trial(journal: Journal) -> None:
    """AddLogTrial: a step that was tried before, or instead of, sending a provider."""
    command = journal.begin()
    code, label = journal.pick(TRADES[journal.purpose.trade].trials)
    command["logTrial"] = (
        {"trialCode": code, "trialLabel": label} if journal.chance(0.7) else {"trialLabel": label}
    )
    command["logTrialAddedDate"] = journal.date
    journal.end(command, "AddLogTrial")
