"""The text of a request: last day, number of months, reason.

What is not understood completely is unclear, and never a guess.
"""

import re
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from gerance.partners.mail.days import DayPhrase, read_days
from gerance.partners.mail.durations import Duration, read_durations
from gerance.partners.mail.plain_text import PlainText, plain_text
from gerance.partners.proposals.problems import ProposalProblem

MOST_REASON = 500
MOST_MONTHS = 120
MOST_WORDS = 120
MOST_DAYS_AHEAD, MOST_DAYS_BACK = 5 * 366, 3 * 366
"""The period in which a contract may end without a question."""

_ABOUT_THE_END = re.compile(
    r"resili|arret|\bfin\b|termin|\bterme\b|\bcess|clotur|contrat|effet|\bend|cancel|stop|contract"
    r"|dernier jour|last day|echeance|jusqu|until|effective"
)
_WEEKDAY = (
    r"(?:(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|monday|tuesday|wednesday|thursday"
    r"|friday|saturday|sunday),?\s+(?:le\s+|the\s+)?)?"
)
_INTRODUCED = re.compile(
    r"(?:\b(?:au|le|pour le|des le|a compter du|a partir du|a dater du|jusqu'au|on|from|by|as of"
    r"|effective|until|a la|en|de)|^|\n)[\s:]*"
    rf"(?:(?:la|le|the)\s+)?{_WEEKDAY}$"
)
_ABOUT_SOMETHING_ELSE = re.compile(
    r"\b(?:(?:appel|courrier|courriel|mail|e-mail|email|message|lettre|facture|demande|contrat|devis"
    r"|echange|entretien|conversation|rendez-vous|rdv|call|letter|invoice|request|meeting)"
    r"(?:\s+(?:en date )?(?:du|de|of|from|dated))"
    r"|(?:depuis|since|signee?|souscrite?|nee?|born|recue?|received|retour|absente?|conges?|fermee?"
    r"|datee?|dated|debut|creee?)(?:\s+(?:le|du|de|depuis|jusqu'au|of|from|on|au))*)\s*:?\s*"
    rf"{_WEEKDAY}$"
)
_ABOUT_THE_OFFER = re.compile(r"offr|offer|gratuit|\bfree\b|duree|duration|nombre|geste|gift")
_FOR_GOOD = re.compile(
    r"definitivement|pour toujours|a vie\b|a titre definitif|sans limite|illimitee?|for good"
    r"|forever|permanently|indefinitely|for life"
)
_REASON = re.compile(
    r"(?:^|[\s.;,!?(•*-])(?:motif|raison|cause|reason)"
    r"(?:\s+(?:de|du|d'|for|of)[^:]{0,60})?\s*:\s*(?P<why>.*)",
    re.IGNORECASE,
)
_BECAUSE = re.compile(
    r"\b(?P<why>(?:parce qu|suite [àa]|à la suite d|en raison d|because|due to)[^.;!?]*)",
    re.IGNORECASE,
)


class RequestText(NamedTuple):
    """The values in a text. `months`: None without any; `for_good`: offered without an end;
    `words`: the words from which the day or the months were read, as written; `problems`: what is
    not clear."""

    end: date | None
    months: int | None
    for_good: bool
    reason: str | None
    problems: tuple[ProposalProblem, ...]
    words: str | None = None


def read_end(lines: Sequence[str], today: date) -> RequestText:
    """The values of a termination, in the lines that its sender wrote. Its last day is near words
    about an end, else introduced as a day or alone on its line."""
    text = plain_text("\n".join(lines))
    phrases = read_days(text, today)
    candidates = _about_the_end(text, phrases)
    reason = _reason(lines)
    if not candidates:
        problem = ProposalProblem("no_day")
        if phrases:
            problem = ProposalProblem("other_day", (_words(text, phrases[0]),))
        return RequestText(None, None, False, reason, (problem,))
    problem_of_days = _problem_of_days(text, candidates)
    if problem_of_days is not None:
        return RequestText(None, None, False, reason, (problem_of_days,))
    understood = next(each for each in candidates if each.problem is None)
    day = understood.day
    problems: tuple[ProposalProblem, ...] = ()
    if day is not None and not -MOST_DAYS_BACK <= (day - today).days <= MOST_DAYS_AHEAD:
        problems = (ProposalProblem("distant_day", (str(day),)),)
    return RequestText(day, None, False, reason, problems, _words(text, understood))


def read_offer(subject_tag: str, lines: Sequence[str]) -> RequestText:
    """The values of an offer. `subject_tag`: the text in the first brackets of its subject, which
    may name the months too."""
    reason = _reason(lines)
    tag, text = plain_text(subject_tag), plain_text("\n".join(lines))
    near = [
        each
        for each in read_durations(text)
        if _ABOUT_THE_OFFER.search(text.line(each.start, each.end))
    ]
    source, durations = next(
        (
            (each, durations)
            for each, durations in (
                (tag, read_durations(tag)),
                (text, near),
                (text, read_durations(text)),
            )
            if durations
        ),
        (text, []),
    )
    for_good = any(_FOR_GOOD.search(each.plain) for each in (tag, text))
    if not durations:
        problems = () if for_good else (ProposalProblem("no_months"),)
        return RequestText(None, None, for_good, reason, problems)
    words = _words(source, durations[0])
    problem = _problem_of_durations(source, durations, for_good=for_good)
    if problem is not None:
        return RequestText(None, None, False, reason, (problem,))
    return RequestText(None, durations[0].months, False, reason, (), words)


def _about_the_end(text: PlainText, phrases: Sequence[DayPhrase]) -> list[DayPhrase]:
    """The phrases that say when the contract ends: those on a line about an end, else those in a
    sentence about an end, else those that are introduced as a day."""

    def is_own(phrase: DayPhrase) -> bool:
        before = text.plain[max(0, phrase.start - 40) : phrase.start]
        return not _ABOUT_SOMETHING_ELSE.search(before)

    own_phrases = [each for each in phrases if is_own(each)]
    for is_near in (_is_on_a_line_about_the_end, _is_in_a_sentence_about_the_end, _is_introduced):
        if near := [each for each in own_phrases if is_near(text, each)]:
            return near
    return []


def _is_on_a_line_about_the_end(text: PlainText, phrase: DayPhrase) -> bool:
    return _ABOUT_THE_END.search(text.line(phrase.start, phrase.end)) is not None


def _is_in_a_sentence_about_the_end(text: PlainText, phrase: DayPhrase) -> bool:
    before = re.split(
        r"(?<!\bm)(?<!\bmr)[.!?;]\s|\n\n", text.plain[max(0, phrase.start - 400) : phrase.start]
    )[-1]
    after = re.split(r"[.!?;](?:\s|$)|\n\n", text.plain[phrase.end : phrase.end + 400])[0]
    return _ABOUT_THE_END.search(before + after) is not None


def _is_introduced(text: PlainText, phrase: DayPhrase) -> bool:
    before = text.plain[max(0, phrase.start - 40) : phrase.start]
    if phrase.start == len(before) and not before.strip():
        return True
    return _INTRODUCED.search(before) is not None


def _problem_of_days(text: PlainText, candidates: Sequence[DayPhrase]) -> ProposalProblem | None:
    """Why the phrases are not one day, None if they are. A phrase without its year does no harm
    beside the same day with it."""
    days = list(dict.fromkeys(each.day for each in candidates if each.problem is None))
    unclear = [
        each
        for each in candidates
        if each.problem is not None
        and not (each.problem == "no_year" and len(days) == 1 and _is_same_day(each.day, days[0]))
    ]
    if len(days) > 1:
        return ProposalProblem("several_days", (", ".join(map(str, days[:5])),))
    if unclear:
        first = unclear[0]
        words = _words(text, first)
        if first.problem == "no_year":
            return ProposalProblem("no_year", (words, str(first.day)))
        return ProposalProblem(str(first.problem), (words,))
    return None


def _is_same_day(first: date | None, second: date | None) -> bool:
    return (
        first is not None
        and second is not None
        and (first.month, first.day) == (second.month, second.day)
    )


def _problem_of_durations(
    text: PlainText, durations: Sequence[Duration], *, for_good: bool
) -> ProposalProblem | None:
    """Why the durations are not one number of months, None if they are."""
    for each in durations:
        if each.months is None:
            return ProposalProblem("unclear_duration", (_words(text, each),))
    counts = list(dict.fromkeys(each.months for each in durations))
    if for_good or len(counts) > 1:
        code = "months_and_for_good" if for_good else "several_durations"
        return ProposalProblem(code, (", ".join(map(str, counts[:5])),))
    if not 1 <= (counts[0] or 0) <= MOST_MONTHS:
        return ProposalProblem("too_many_months", (str(MOST_MONTHS), str(counts[0])))
    return None


def _words(text: PlainText, phrase: DayPhrase | Duration) -> str:
    return text.words(phrase.start, phrase.end)[:MOST_WORDS]


def _reason(lines: Sequence[str]) -> str | None:
    """The text after a label, else a phrase that starts like a reason."""
    lines = [line for line in lines if line]
    for nth, line in enumerate(lines):
        if results := _REASON.search(line):
            why = results["why"] or "".join(lines[nth + 1 : nth + 2])
            if why.strip():
                return why.strip()[:MOST_REASON]
    for line in lines:
        if results := _BECAUSE.search(line):
            return results["why"].strip()[:MOST_REASON]
    return None
