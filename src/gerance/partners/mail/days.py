"""Days in French and English text, by a strict grammar.

A phrase that is not understood completely is never a day: it is a problem that quotes its words.
Numeric dates are day first.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Literal, NamedTuple

from gerance.kernel.months import Month
from gerance.partners.mail.plain_text import PlainText

DayProblem = Literal["no_such_day", "no_year", "vague_day"]

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "janvier janv january jan", "fevrier fevr fev february feb", "mars march mar",
            "avril avr april apr", "mai may", "juin june jun", "juillet juil july jul",
            "aout august aug", "septembre sept september sep", "octobre oct october",
            "novembre nov november", "decembre dec december",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_WEEKDAYS = {
    name: number
    for names in (
        "lundi mardi mercredi jeudi vendredi samedi dimanche",
        "monday tuesday wednesday thursday friday saturday sunday",
    )
    for number, name in enumerate(names.split())
}
_EARLIEST, _LATEST = 2000, 2100

# A blank within a phrase: a mail program may break the line there, but not leave a line empty.
_B = r"(?:[ \t]+|[ \t]*\n[ \t]*)"
_NAME = "(?:" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")(?![a-z])\.?"
_NUMBER = r"(?:3[01]|[12]\d|0?[1-9]|\d\d?)"
_DAY = rf"(?:{_NUMBER}(?:{_B}?(?:er|eme|e|st|nd|rd|th)(?![a-z]))?|1er|premier|first)"
_SHORT_YEAR = (
    r"'?[23]\d(?![\d:.,/-]\d|[ \t]?(?:h|heures?|:|%|eur|euros?|mois|ans?|months?)(?![a-z]))"
)
_YEAR = rf"(?:\d{{4}}|{_SHORT_YEAR})(?!\d)"
_OF = rf"(?:d'{_B}?|(?:de|du|of|in){_B})"
_MONTH = rf"(?:(?:mois|month){_B}{_OF}|mois{_B})?"
_END = (
    rf"(?:(?:fin|end)(?:{_B}(?:du|de|of{_B}the)(?={_B}(?:mois|month)))?"
    rf"|(?:dernier{_B}jour|last{_B}day)(?:{_B}(?:du|of{_B}the)(?={_B}(?:mois|month)))?)"
)
_BEFORE = r"(?<![\w+/])(?<!\d[.,-])"
_AFTER = r"(?![\d/-]|[.,]\d)"
_NEXT_OR_LAST = {
    "prochain": 1, "suivant": 1, "qui suit": 1, "qui vient": 1, "next": 1, "following": 1,
    "en cours": 0, "courant": 0, "actuel": 0, "present": 0, "this": 0, "current": 0, "ce": 0,
    "dernier": -1, "passe": -1, "precedent": -1, "ecoule": -1, "last": -1, "previous": -1,
}  # fmt: skip
_WHICH_AFTER = (
    r"prochain|suivant|qui suit|qui vient|en cours|courant|actuel|present|dernier|passe|precedent"
    r"|ecoule"
)
_WHICH_BEFORE = r"next|following|this|current|last|previous"
_PERIODS = (
    r"annee|trimestre|semestre|semaine|quinzaine|saison|preavis|delai|engagement|periode|bail"
    r"|exercice|year|quarter|week|season|notice|period|term"
)
# What may follow a phrase like `fin du mois`; anything else could say which month.
_GOES_ON = (
    r"(?=[ \t]*(?:[.,;:!?)\n\"»-]|$)|[ \t]+(?:merci|svp|s'il|pour|car|et|parce|suite|en[ \t]raison"
    r"|au[ \t]plus|soit|a[ \t]la|cordialement|bonne|please|thanks|thank|because|due|and|at[ \t]the"
    r"|as|le|les|nos|notre|son|ses|\())"
    rf"(?!{_B}(?:de|du|d'|des|of|qui|{_WHICH_AFTER})(?![a-z]))"
)


class DayPhrase(NamedTuple):
    """A phrase about a day, at a place of a text. `day`: None without a complete, existing one;
    `problem`: why there is none, or what a reader would have to add; a phrase without its year
    has the next such day."""

    start: int
    end: int
    day: date | None
    problem: DayProblem | None


Reading = tuple[date | None, DayProblem | None]
Pattern = tuple[re.Pattern[str], Callable[[re.Match[str], date], Reading]]


def read_days(text: PlainText, today: date) -> list[DayPhrase]:
    """The phrases about days in a text, in order. `today`: the day to which `fin du mois` and days
    without a year refer."""
    phrases: list[DayPhrase] = []
    for match, (day, problem) in _longest(text.plain, today):
        before = text.plain[max(0, match.start() - 40) : match.start()]
        if day is not None and _contradicts(before, day):
            day, problem = None, "no_such_day"
        elif _VAGUE_BEFORE.search(before):
            day, problem = None, "vague_day"
        phrases.append(DayPhrase(match.start(), match.end(), day, problem))
    return phrases


def _longest(plain: str, today: date) -> Iterator[tuple[re.Match[str], Reading]]:
    """The matches of all patterns that do not overlap: the first, and the longest of those."""
    matches = [(match, read) for pattern, read in _PATTERNS for match in pattern.finditer(plain)]
    matches.sort(key=lambda each: (each[0].start(), -each[0].end()))
    end = 0
    for match, read in matches:
        if match.start() >= end:
            end = match.end()
            yield match, read(match, today)


_VAGUE_BEFORE = re.compile(
    r"(?<![a-z])(?:avant|apres|environ|vers|autour|alentours|courant|debut|mi-?|entre|before|after|around"
    r"|about|early|mid-?|between)(?:\s+(?:le|la|les|de|du|the|of)(?![a-z])|\s+d')*\s*$"
)
_WEEKDAY_BEFORE = re.compile(rf"(?<![a-z])({'|'.join(_WEEKDAYS)}),?\s+(?:le\s+|the\s+)?$")


def _contradicts(before: str, day: date) -> bool:
    """Whether the day of the week before a day is another one."""
    match = _WEEKDAY_BEFORE.search(before)
    return match is not None and _WEEKDAYS[match[1]] != day.weekday()


def _make_day(year: int, month: int, day: int | None) -> Reading:
    """A day; the last one of the month without `day`."""
    if not _EARLIEST <= year <= _LATEST:
        return None, "no_such_day"
    try:
        return (Month(year, month).last_day if day is None else date(year, month, day)), None
    except ValueError:
        return None, "no_such_day"


def _next_day(month: int, day: int | None, today: date) -> Reading:
    """The next such day, which lacks its year."""
    for year in range(today.year, today.year + 5):
        next_day, _ = _make_day(year, month, day)
        if next_day is not None and next_day >= today:
            return next_day, "no_year"
    return None, "no_such_day"


def _year(text: str) -> int:
    year = int(text.lstrip("'"))
    return year + 2000 if year < 100 else year


def _number(text: str) -> int:
    return int(re.match(r"\d+", text)[0]) if text[0].isdigit() else 1  # type: ignore[index]


def _month(text: str) -> int:
    return _MONTHS[text.rstrip(".")]


def _complete(match: re.Match[str], today: date) -> Reading:
    """The day of a pattern with the groups year, month and day, by name or by number."""
    month = match["month"]
    number = _month(month) if month[0].isalpha() else int(month)
    day = match.groupdict().get("day")
    return _make_day(_year(match["year"]), number, _number(day) if day else None)


def _without_year(match: re.Match[str], today: date) -> Reading:
    month = match["month"]
    number = _month(month) if month[0].isalpha() else int(month)
    day = match.groupdict().get("day")
    return _next_day(number, _number(day) if day else None, today)


def _relative(match: re.Match[str], today: date) -> Reading:
    """The end of this, the next or the last month."""
    which = match.groupdict().get("which")
    months = _NEXT_OR_LAST[" ".join(which.split())] if which else 0
    return Month.of(today).plus(months).last_day, None


def _vague(match: re.Match[str], today: date) -> Reading:
    return None, "vague_day"


def _pattern(expression: str, read: Callable[[re.Match[str], date], Reading]) -> Pattern:
    return re.compile(expression), read


_UNAMBIGUOUS = "|".join(
    sorted((each for each in _MONTHS if len(each) > 4 and each != "march"), key=len, reverse=True)
)
_PATTERNS: tuple[Pattern, ...] = (
    # 2026-12-31, 2026/12/31
    _pattern(
        rf"{_BEFORE}(?P<year>\d{{4}})(?P<sign>[-/.])(?P<month>\d\d?)(?P=sign)"
        rf"(?P<day>\d\d?){_AFTER}",
        _complete,
    ),
    # 31/12/2026, 31.12.26, 1er/01/2027
    _pattern(
        rf"{_BEFORE}(?<!\d[ ])(?P<day>\d\d?)(?:er)?[ ]?(?P<sign>[/.-])[ ]?(?P<month>\d\d?)"
        rf"[ ]?(?P=sign)[ ]?(?P<year>\d{{4}}|\d\d){_AFTER}(?![ ]\d\d[ ]\d\d)",
        _complete,
    ),
    # 31 12 2026
    _pattern(
        rf"{_BEFORE}(?<!\d[ ])(?P<day>\d\d?)[ ](?P<month>\d\d?)[ ](?P<year>20\d\d){_AFTER}"
        r"(?![ ]?\d)",
        _complete,
    ),
    # 31 décembre 2026, 1er janvier 27, 31st of December, 2026
    _pattern(
        rf"(?<![\w/.-])(?P<day>{_DAY}){_B}?{_OF}?(?P<month>{_NAME}),?{_B}?(?P<year>{_YEAR}){_AFTER}",
        _complete,
    ),
    # December 31st, 2026
    _pattern(
        rf"(?<![\w/.-])(?P<month>{_NAME}){_B}(?:the{_B})?(?P<day>{_DAY})(?!\d)(?:,{_B}?|{_B})"
        rf"(?P<year>\d{{4}}){_AFTER}",
        _complete,
    ),
    # fin décembre 2026, à la fin du mois de décembre 2026, end of the month of January 2027
    _pattern(
        rf"(?<!\w){_END}{_B}{_OF}?{_MONTH}(?P<month>{_NAME}){_B}?(?P<year>{_YEAR}){_AFTER}",
        _complete,
    ),
    # fin du mois, fin du mois prochain, end of next month
    _pattern(
        rf"(?<!\w)(?:fin|dernier{_B}jour|end|last{_B}day){_B}(?:(?:du|de|of|of{_B}the){_B})?"
        rf"(?:mois|month){_GOES_ON}",
        _relative,
    ),
    _pattern(
        rf"(?<!\w)(?:fin|dernier{_B}jour){_B}(?:du|de){_B}mois{_B}"
        rf"(?P<which>{_WHICH_AFTER.replace(' ', _B)}){_GOES_ON}",
        _relative,
    ),
    _pattern(
        rf"(?<!\w)(?:fin|dernier{_B}jour){_B}(?:de|du){_B}(?P<which>ce|present){_B}mois(?:-ci)?{_GOES_ON}",
        _relative,
    ),
    _pattern(
        rf"(?<!\w)(?:end|last{_B}day){_B}of{_B}(?:the{_B})?(?P<which>{_WHICH_BEFORE}){_B}month{_GOES_ON}",
        _relative,
    ),
    # Without a year: 31 décembre, December 31, 31/12, fin décembre
    _pattern(
        rf"(?<![\w/.-])(?P<day>{_DAY}){_B}?{_OF}?(?P<month>{_NAME})(?:{_B}prochain|{_B}next)?(?!{_B}?\d)",
        _without_year,
    ),
    _pattern(
        rf"(?<![\w/.-])(?P<month>{_NAME}){_B}(?:the{_B})?(?P<day>{_NUMBER}(?:st|nd|rd|th)?)(?![\w]|[.,:]\d)",
        _without_year,
    ),
    _pattern(
        r"(?<![\w/])(?:au|le|du|pour|des|on|by|the|jusqu'au)[ ](?P<day>\d\d?)[/](?P<month>\d\d?)"
        r"(?![\w/-]|[.,]\d)",
        _without_year,
    ),
    _pattern(rf"(?<!\w){_END}{_B}{_OF}?{_MONTH}(?P<month>{_NAME})(?!{_B}?\d)", _without_year),
    # What says no day: fin 2026, fin d'année, fin du mois de préavis, décembre 2026, mois prochain
    _pattern(rf"(?<!\w)(?:fin|end){_B}(?:(?:de|of){_B})?(?:l'annee{_B})?20\d\d(?!\d)", _vague),
    _pattern(
        rf"(?<!\w)(?:fin|end|terme|issue){_B}(?:(?:de|du|des|of){_B}|d')?(?:(?:la|le|the|ce|cette|this|votre|notre"
        rf"|mon|son){_B}|l')?(?:{_PERIODS})(?![a-z])",
        _vague,
    ),
    _pattern(
        rf"(?<!\w)(?:fin|dernier{_B}jour|end|last{_B}day){_B}(?:du|de|de{_B}ce|of|of{_B}the){_B}(?:mois|month)",
        _vague,
    ),
    _pattern(rf"(?<!\w)(?:{_NAME}){_B}(?:20\d\d)(?!\d)", _vague),
    _pattern(rf"(?<![\w/])(?:{_UNAMBIGUOUS})(?!\w)", _vague),
    _pattern(
        rf"(?<!\w)(?:en|de|debut|mi|courant|in|mid|early|until|d'ici){_B}(?:mars|mai|march|may)(?!\w)",
        _vague,
    ),
    # A month that is misspelt.
    _pattern(rf"(?<![\w/.-]){_DAY}{_B}[a-z]{{3,12}}\.?{_B}20\d\d(?!\d)", _vague),
    _pattern(r"(?<![\w/.,-])(?:0?[1-9]|1[0-2])/20\d\d(?![\w/])", _vague),
    _pattern(
        rf"(?<!\w)(?:mois|semaine|annee|trimestre|{'|'.join(_WEEKDAYS)}){_B}(?:prochaine?|suivante?)(?![a-z])",
        _vague,
    ),
    _pattern(
        rf"(?<!\w)(?:next|following){_B}(?:month|week|year|quarter|{'|'.join(_WEEKDAYS)})(?!\w)",
        _vague,
    ),
    _pattern(
        rf"(?<!\w)(?:dans|sous|d'ici|apres|within|in|after){_B}(?:un|une|deux|trois|six|\d{{1,3}}|one|two|three){_B}"
        r"(?:jours?|semaines?|mois|ans?|days?|weeks?|months?|years?)(?![a-z])",
        _vague,
    ),
    _pattern(
        rf"(?<!\w)(?:le|au|the){_B}(?:1er|{_NUMBER})(?:{_B}(?:du{_B}mois|de{_B}ce{_B}mois|prochain|courant|of)(?![a-z]))",
        _vague,
    ),
)
