"""The text of a request: last day, number of months, reason."""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from gerance.kernel.fold import fold
from gerance.partners.mail.dates import days_in
from gerance.partners.proposals.problems import ProposalProblem

MOST_CHARACTERS = 20_000
MOST_LINE = 1_000
MOST_REASON = 500
MOST_MONTHS = 120

_HEADING = re.compile(
    r"\s*(-{2,}\s*(message d'origine|message transfere|original message|forwarded message).*"
    r"|(le|on) .{5,200}(a ecrit|wrote)\s*:|_{20,})\s*"
)
_HEADER = re.compile(
    r"\s*(de|a|cc|date|envoye|objet|from|to|sent|subject|reply-to|repondre a|expediteur)\s*:.*"
)
_SIGNATURE = "--"
_ABOUT_THE_END = re.compile(
    r"resili|arret|\bfin\b|termin|contrat|effet|\bend|cancel|stop|contract|dernier jour|last day"
    r"|echeance|jusqu|until|effective"
)
_ABOUT_THE_OFFER = re.compile(r"offr|offer|gratuit|\bfree\b|duree|duration|nombre|geste|gift")
_WORDS = {
    "un": 1, "une": 1, "one": 1, "a": 1, "deux": 2, "two": 2, "trois": 3, "three": 3, "quatre": 4,
    "four": 4, "cinq": 5, "five": 5, "six": 6, "sept": 7, "seven": 7, "huit": 8, "eight": 8,
    "neuf": 9, "nine": 9, "dix": 10, "ten": 10, "onze": 11, "eleven": 11, "douze": 12,
    "twelve": 12,
}  # fmt: skip
_SPAN = re.compile(
    rf"\b(?P<count>\d{{1,4}}|{'|'.join(_WORDS)})\s*(?:\(\s*\d{{1,4}}\s*\)\s*)?"
    r"(?P<unit>mois|months?|ans?|annees?|years?)\b"
)
_LABELLED_SPAN = re.compile(
    r"(?:nombre de mois|number of months|months|mois|duree|duration)(?: offerts?| offered)?\s*[:=]"
    r"\s*(?P<count>\d{1,4})(?!\d)\s*(?P<unit>mois|months?|ans?|annees?|years?)?"
)
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
    `problems`: what is not clear."""

    end: date | None
    months: int | None
    for_good: bool
    reason: str | None
    problems: tuple[ProposalProblem, ...]


def read_end(text: str, today: date, *, is_forwarded: bool) -> RequestText:
    """The values of a termination. Its last day is near words about an end, else the only day."""
    lines = sender_lines(text, is_forwarded=is_forwarded)
    near = [line for line in lines if _ABOUT_THE_END.search(fold(line))]
    days = _days(near, today) or _days(lines, today)
    problems: list[ProposalProblem] = []
    if len(days) > 1:
        days_text = ", ".join("?" if day is None else str(day) for day in days[:5])
        problems.append(ProposalProblem("several_days", (days_text,)))
    elif days == [None]:
        problems.append(ProposalProblem("no_such_day"))
    elif not days:
        problems.append(ProposalProblem("no_day"))
    end = days[0] if len(days) == 1 else None
    return RequestText(end, None, False, _reason(lines), tuple(problems))


def read_offer(subject_tag: str, text: str, *, is_forwarded: bool) -> RequestText:
    """What an offer says; `asked`: the brackets of its subject, which may name the months too."""
    lines = [subject_tag, *sender_lines(text, is_forwarded=is_forwarded)]
    near = [line for line in lines if _ABOUT_THE_OFFER.search(fold(line))]
    counts = _spans([subject_tag]) or _spans(near) or _spans(lines)
    for_good = any(_FOR_GOOD.search(fold(line)) for line in lines)
    reason = _reason(lines[1:])
    if for_good and not counts:
        return RequestText(None, None, True, reason, ())
    if not counts:
        return RequestText(None, None, False, reason, (ProposalProblem("no_months"),))
    if for_good or len(counts) > 1:
        code = "months_and_for_good" if for_good else "several_durations"
        problem = ProposalProblem(code, (", ".join(map(str, counts[:5])),))
        return RequestText(None, None, False, reason, (problem,))
    if not 1 <= counts[0] <= MOST_MONTHS:
        problem = ProposalProblem("too_many_months", (str(MOST_MONTHS), str(counts[0])))
        return RequestText(None, None, False, reason, (problem,))
    return RequestText(None, counts[0], False, reason, ())


def sender_lines(text: str, *, is_forwarded: bool) -> list[str]:
    """The lines that the sender wrote, without quotations, the signature, and headers of forwarded
    messages."""
    own_lines: list[str] = []
    for line in text[:MOST_CHARACTERS].split("\n"):
        line = line.strip()[:MOST_LINE]
        plain = fold(line)
        if line == _SIGNATURE and not is_forwarded:
            break
        if _HEADING.fullmatch(plain):
            if not is_forwarded:
                break
            continue
        if line.startswith(">"):
            if not is_forwarded:
                continue
            line = line.lstrip("> ")
        if line and not (is_forwarded and _HEADER.fullmatch(plain)):
            own_lines.append(line)
    return own_lines


def _days(lines: Iterable[str], today: date) -> list[date | None]:
    results: dict[date | None, None] = {}
    for line in lines:
        results.update(dict.fromkeys(days_in(line, today)))
    return list(results)


def _spans(lines: Iterable[str]) -> list[int]:
    """The distinct numbers of months."""
    results: dict[int, None] = {}
    for line in lines:
        plain = fold(line)
        for match in (*_LABELLED_SPAN.finditer(plain), *_SPAN.finditer(plain)):
            count = _WORDS.get(match["count"]) or int(match["count"])
            years = (match["unit"] or "m").startswith(("a", "y"))
            results[12 * count if years else count] = None
    return list(results)


def _reason(lines: Sequence[str]) -> str | None:
    """The text after a label, else a phrase that starts like a reason."""
    for nth, line in enumerate(lines):
        if results := _REASON.search(line):
            why = results["why"] or "".join(lines[nth + 1 : nth + 2])
            if why.strip():
                return why.strip()[:MOST_REASON]
    for line in lines:
        if results := _BECAUSE.search(line):
            return results["why"].strip()[:MOST_REASON]
    return None
