"""The plots of the demo: what happens to a ticket from its opening to its end.

Probabilities are shares of tickets, waits are seconds. No plot depends on the present: `lives`
drops what would come after it, so that recent tickets are simply not finished yet.
"""

from gerance.demo import lives_calls as calls
from gerance.demo import lives_closings as closings
from gerance.demo import lives_corrections as corrections
from gerance.demo import lives_interventions as interventions
from gerance.demo.corpus_journal import (
    CALLS_TO_CARETAKER,
    CALLS_UNANSWERED_BY_CALLER,
    REOPENINGS_OF_REPAIRS,
    REOPENINGS_TO_FINISH,
    RESOLVED_CALL_COMMENTS,
    RETURN_CALL_COMMENTS,
)
from gerance.demo.lives_journal import Journal
from gerance.demo.lives_opening import open_ticket
from gerance.demo.lives_repairs import bind_provider, confirm, find_provider, visit

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


def live(journal: Journal) -> None:
    """Write the whole journal of one ticket."""
    open_ticket(journal)
    age = journal.now - journal.moment
    if journal.purpose.immediate:
        _rescued(journal)
        return
    _look_again(journal)
    plot = journal.random()
    if plot < 0.07:
        _beyond_scope(journal)
    elif plot < 0.105:
        _unsuccessful_recalls(journal)
    elif plot < 0.145:
        _cancelled(journal)
    elif plot < 0.16:
        _archived(journal)
    elif plot < 0.16 + (0.1 if age < 30 * _DAY else 0.008):
        _wait(journal)
    else:
        _repaired(journal, stalls=0.12 if age < 30 * _DAY else 0.01)


def _look_again(journal: Journal) -> None:
    """What is put right in the minutes after the call, in one ticket out of six or so."""
    if journal.mislabelled:
        journal.wait(40, 10 * _MINUTE)
        corrections.correct_purpose(journal)
    if journal.random() < 0.78:
        return
    for probability, correct in (
        (0.07, corrections.restrict_access),
        (0.08, corrections.update_ticket),
        (0.06, corrections.correct_caller),
        (0.05, corrections.correct_location),
        (0.08, corrections.correct_texts),
        (0.25, calls.add_log_trial),
        (0.35, calls.add_message),
    ):
        if journal.random() < probability:
            journal.wait(40, 6 * _MINUTE)
            correct(journal)


def _rescued(journal: Journal) -> None:
    """A person is locked in or out: one provider, within the hour, whatever it costs."""
    journal.wait(40, 3 * _MINUTE)
    interventions.choose_provider(journal)
    interventions.assign(journal)
    journal.wait(40, 3 * _MINUTE)
    if journal.of_2017:
        calls.provider_answers(journal)
    else:
        interventions.request_intervention(journal)
    if journal.chance(0.7):
        journal.wait(40, 4 * _MINUTE)
        interventions.accept(journal)
    if journal.chance(0.4):
        journal.wait(40, 4 * _MINUTE)
        calls.add_message(journal)
    journal.wait(15 * _MINUTE, 40 * _MINUTE)
    interventions.arrive(journal)
    journal.wait(5 * _MINUTE, 40 * _MINUTE)
    if journal.chance(0.6):
        interventions.leave(journal)
        journal.wait(40, 20 * _MINUTE)
    confirm(journal)
    if journal.chance(0.9):
        closings.fix_permanently(journal)
    else:
        closings.close_ticket(journal)
    _read_again(journal)


def _beyond_scope(journal: Journal) -> None:
    caretaker = journal.site.caretaker
    if caretaker is not None and caretaker is not journal.caller and journal.chance(0.7):
        journal.wait(3 * _MINUTE, 40 * _MINUTE)
        calls.call(journal, caretaker, CALLS_TO_CARETAKER)
    journal.wait(2 * _MINUTE, 2 * _HOUR)
    closings.close_beyond_scope(journal)
    _read_again(journal)


def _unsuccessful_recalls(journal: Journal) -> None:
    for _ in range(2 + int(journal.random() * 2)):
        journal.wait_for_work(_HOUR, 30 * _HOUR)
        calls.call_the_caller(journal, CALLS_UNANSWERED_BY_CALLER)
    journal.wait_for_work(10 * _MINUTE, 2 * _DAY)
    closings.close_unsuccessful_recalls(journal)


def _cancelled(journal: Journal) -> None:
    if journal.chance(0.6):
        find_provider(journal)
    if journal.chance(0.7):
        journal.wait(20 * _MINUTE, 8 * _HOUR)
        calls.receive_call(journal, ("Annulation", "Information"), RESOLVED_CALL_COMMENTS)
    journal.wait(_MINUTE, 20 * _MINUTE)
    closings.cancel(journal)


def _archived(journal: Journal) -> None:
    if journal.chance(0.5):
        find_provider(journal)
        journal.wait_for_work(_HOUR, _DAY)
        calls.add_message(journal)
    journal.wait_for_work(15 * _DAY, 60 * _DAY)
    closings.archive(journal)


def _wait(journal: Journal) -> None:
    """Opened and left there, sometimes with a caller who asks again."""
    if journal.chance(0.35):
        journal.wait(_DAY, 4 * _DAY)
        calls.receive_call(journal)


def _repaired(journal: Journal, stalls: float) -> None:
    find_provider(journal)
    bind_provider(journal)
    if journal.chance(stalls):
        return
    visit(journal)
    confirm(journal)
    end, unfinished = journal.random(), False
    if end < 0.72:
        closings.fix_permanently(journal)
        again = 0.035
    elif end < 0.81:
        closings.close_ticket(journal)
        again = 0.01
    elif end < 0.9:
        closings.fix_partially(journal)
        again, unfinished = 0.35, True
    elif end < 0.96:
        closings.postpone_fix(journal)
        again, unfinished = 0.45, True
    else:
        closings.close_impossible_repair(journal)
        again = 0.0
    _read_again(journal)
    if journal.chance(again):
        _come_back(journal, unfinished)


def _come_back(journal: Journal, unfinished: bool) -> None:
    """Reopened days later, visited again, and then fixed for good."""
    journal.wait_for_work(_DAY, 9 * _DAY)
    if not unfinished and journal.chance(0.5):
        calls.receive_call(journal, ("Nouvelle panne", "Réclamation"), RETURN_CALL_COMMENTS)
        journal.wait(_MINUTE, 9 * _MINUTE)
    closings.reopen(journal, REOPENINGS_TO_FINISH if unfinished else REOPENINGS_OF_REPAIRS)
    find_provider(journal)
    visit(journal)
    closings.fix_permanently(journal)


def _read_again(journal: Journal) -> None:
    """A closed ticket whose texts an operator corrects."""
    if journal.report and journal.random() < 0.03:
        journal.wait_for_work(10 * _MINUTE, 2 * _DAY)
        corrections.correct_closing_report(journal)
    if journal.remarks and journal.random() < 0.03:
        journal.wait_for_work(10 * _MINUTE, 2 * _DAY)
        corrections.correct_event(journal)
