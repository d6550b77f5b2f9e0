"""The stages of a repair: finding a provider, binding it, its visit, the caller's word.

Probabilities are shares of tickets, waits are seconds.
"""

from gerance.demo import lives_calls as calls
from gerance.demo import lives_corrections as corrections
from gerance.demo import lives_interventions as interventions
from gerance.demo.corpus_journal import (
    CALLS_AFTER_REPAIR,
    CALLS_TO_CALLER,
)
from gerance.demo.lives_calendar import working_time
from gerance.demo.lives_journal import Journal

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


def find_provider(journal: Journal) -> None:
    """Assign one and reach it; up to two refuse before one takes the ticket."""
    random = journal.random
    if journal.purpose.urgent:
        journal.wait(2 * _MINUTE, 25 * _MINUTE)
    else:
        journal.wait_for_work(4 * _MINUTE, 2 * _HOUR)
    interventions.choose_provider(journal)
    for attempt in range(3):
        interventions.assign(journal, again=attempt > 0)
        silent = random() < 0.16
        if silent:
            if random() < 0.3:
                journal.wait(_MINUTE, 10 * _MINUTE)
                calls.call_the_provider(journal)
            journal.wait(_MINUTE, 10 * _MINUTE)
            calls.provider_is_silent(journal)
            journal.wait(12 * _MINUTE, 25 * _MINUTE)
        request_first = not journal.of_2017 and random() < 0.62
        if request_first:
            journal.wait(40, 6 * _MINUTE)
            interventions.request_intervention(journal)
        refuse = attempt < 2 and random() < 0.085
        if not refuse and ((silent and not request_first) or random() < 0.42):
            journal.wait(_MINUTE, 12 * _MINUTE)
            calls.provider_answers(journal)
        if not refuse:
            return
        journal.wait(3 * _MINUTE, 90 * _MINUTE)
        interventions.refuse(journal)
        journal.wait(3 * _MINUTE, 30 * _MINUTE)
        interventions.choose_another_provider(journal)


def bind_provider(journal: Journal) -> None:
    """Its acceptance, its order, its deadline; and what follows when it lets that pass."""
    random = journal.random
    if random() < 0.58:
        journal.wait(2 * _MINUTE, 50 * _MINUTE)
        interventions.accept(journal)
    if random() < 0.14:
        journal.wait(2 * _MINUTE, 30 * _MINUTE)
        interventions.report_service_order(journal)
    if random() < 0.13:
        journal.wait(_MINUTE, 10 * _MINUTE)
        delay = 4 * _HOUR if journal.purpose.urgent else 2 * _DAY
        deadline = journal.moment + delay + int(random() * 3 * delay)
        if not journal.purpose.urgent:
            deadline = working_time(deadline) + 3 * _HOUR
        deadline = deadline // 900 * 900
        interventions.define_deadline(journal, deadline)
        if random() < 0.3:
            _miss_deadline(journal, deadline)
    if random() < 0.13:
        journal.wait(20 * _MINUTE, 20 * _HOUR)
        calls.receive_call(journal)
    if random() < 0.08:
        journal.wait(5 * _MINUTE, 2 * _HOUR)
        calls.add_message(journal)
        if random() < 0.3:
            journal.wait(2 * _MINUTE, _HOUR)
            corrections.correct_event(journal)


def _miss_deadline(journal: Journal, deadline: int) -> None:
    """The provider does not come: the caller complains; one or two formal notices follow."""
    for _ in range(2):
        journal.moment = max(journal.moment, deadline)
        journal.wait_for_work(30 * _MINUTE, 12 * _HOUR)
        if journal.chance(0.6):
            calls.receive_call(journal)
            journal.wait(2 * _MINUTE, 20 * _MINUTE)
        deadline = journal.moment + _DAY + int(journal.random() * 3 * _DAY)
        deadline = (working_time(deadline) + 3 * _HOUR) // 900 * 900
        interventions.report_formal_notice(journal, deadline)
        if journal.random() < 0.8:
            return


def visit(journal: Journal) -> None:
    """From the appointment to the provider's departure, as far as anybody reports it."""
    random = journal.random
    urgent = journal.purpose.urgent and random() < 0.7
    if urgent:
        journal.wait(30 * _MINUTE, 3 * _HOUR)
    elif random() < 0.55:
        journal.wait(10 * _MINUTE, 3 * _HOUR)
        start = _appointment(journal)
        interventions.schedule(journal, start, (1 + int(random() * 3)) * _HOUR)
        if random() < 0.2:
            journal.wait(2 * _MINUTE, 40 * _MINUTE)
            calls.call_the_caller(journal, CALLS_TO_CALLER)
        journal.moment = max(journal.moment + 10 * _MINUTE, start)
        journal.wait(40, 50 * _MINUTE)
    else:
        call_moment = journal.moment
        if journal.purpose.urgent:
            journal.wait(2 * _HOUR, 16 * _HOUR)
        else:
            journal.wait_for_work(3 * _HOUR, 4 * _DAY)
        if journal.deadline is not None and journal.moment > journal.deadline:
            journal.moment = max(call_moment + 40 * _MINUTE, journal.deadline - _HOUR)
    if random() < 0.38:
        interventions.arrive(journal)
        if random() < 0.5:
            journal.wait(3 * _MINUTE, 12 * _MINUTE)
            interventions.start(journal)
        journal.wait(15 * _MINUTE, 3 * _HOUR)
        if random() < 0.5:
            interventions.finish(journal)
            journal.wait(40, 9 * _MINUTE)
        if random() < 0.6:
            interventions.leave(journal)
    journal.wait(5 * _MINUTE, 2 * _HOUR)


def _appointment(journal: Journal) -> int:
    """Hours or days ahead, at work, and where there is a deadline in time for it if possible."""
    days = 1 if journal.purpose.urgent else 5
    lead = 3 * _HOUR + int(journal.random() * days * _DAY)
    start = working_time(journal.moment + lead)
    if journal.deadline is not None and start > journal.deadline - _HOUR:
        start = max(journal.moment + _HOUR, journal.deadline - 2 * _HOUR)
    return start // 900 * 900


def confirm(journal: Journal) -> None:
    if journal.chance(0.14):
        calls.call_the_caller(journal, CALLS_AFTER_REPAIR)
        journal.wait(40, 10 * _MINUTE)
