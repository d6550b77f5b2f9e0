"""Numbers of months in French and English text. A number that is not understood completely is
unclear, and never its last word."""

import re
from typing import NamedTuple

from gerance.partners.mail.plain_text import PlainText

_MOST = 199
_FRENCH_UNITS = [
    "zero",
    "un",
    "deux",
    "trois",
    "quatre",
    "cinq",
    "six",
    "sept",
    "huit",
    "neuf",
    "dix",
    "onze",
    "douze",
    "treize",
    "quatorze",
    "quinze",
    "seize",
]
_FRENCH_TENS = {
    20: "vingt", 30: "trente", 40: "quarante", 50: "cinquante", 60: "soixante",
}  # fmt: skip
_ENGLISH_UNITS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_ENGLISH_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]


def _french(number: int) -> list[str]:
    """The spellings of a number below 200, with blanks between its words."""
    if number < 17:
        return [_FRENCH_UNITS[number]]
    if number < 20:
        return [f"dix {_FRENCH_UNITS[number - 10]}"]
    if number >= 100:
        rests = _french(number - 100) if number > 100 else [""]
        return [f"cent {rest}".strip() for rest in rests]
    spellings = []
    tens, units = number // 10 * 10, number % 10
    also = {70: "septante", 80: "huitante", 90: "nonante"}
    if tens in also:
        spellings += _compounds(also[tens], units, "et")
    if number >= 80:
        spellings += [f"quatre vingt {each}".strip() for each in _rest(number - 80)]
        if number == 80:
            spellings.append("quatre vingts")
    elif number >= 60:
        spellings += _compounds("soixante", number - 60, "et")
    else:
        spellings += _compounds(_FRENCH_TENS[tens], units, "et")
    return spellings


def _rest(number: int) -> list[str]:
    return _french(number) if number else [""]


def _compounds(tens: str, rest: int, and_word: str) -> list[str]:
    if rest == 0:
        return [tens]
    if rest in (1, 11):
        return [f"{tens} {and_word} {each}" for each in _french(rest)]
    return [f"{tens} {each}" for each in _french(rest)]


def _english(number: int) -> list[str]:
    if number < 20:
        return [_ENGLISH_UNITS[number]]
    if number < 100:
        tens, units = _ENGLISH_TENS[number // 10 - 2], number % 10
        return [tens if not units else f"{tens} {_ENGLISH_UNITS[units]}"]
    rest = number - 100
    rests = [f" {and_word}{each}" for each in _english(rest) for and_word in ("", "and ")]
    return [f"{one} hundred{each}" for one in ("one", "a") for each in (rests if rest else [""])]


_NUMBERS = {
    spelling: number
    for number in range(1, _MOST + 1)
    for spelling in (*_french(number), *_english(number))
} | {"une": 1}  # fmt: skip
_WORDS = "|".join(
    sorted(
        {
            word
            for spelling in _NUMBERS
            for word in spelling.split()
            if word not in ("et", "and", "a")
        }
        | {"demi", "demie", "half", "quinzaine", "douzaine", "dizaine", "cents"},
        key=len,
        reverse=True,
    )
)
_RUN = rf"(?:{_WORDS})(?:(?:[ -]+|\s+(?:et|and)\s+)(?:{_WORDS}))*"
_COUNT = rf"(?:\d{{1,4}}|{_RUN})"
_UNIT = r"(?:mois|months?|ans?|annees?|years?)"
_ADJECTIVES = (
    r"(?:\s+(?:premiers?|prochains?|gratuits?|offerts?|complets?|entiers?|supplementaires?|first|next|free"
    r"|full|more|additional|extra))*"
)
_SPAN = re.compile(
    rf"(?<![\w.,/+])(?P<count>{_COUNT}|a(?=\s+(?:month|year)\b))"
    rf"(?:\s*\(\s*(?P<second>{_COUNT})\s*\))?{_ADJECTIVES}[\s-]*(?P<unit>{_UNIT})\b"
)
_LABELLED_SPAN = re.compile(
    r"(?:nombre de mois|number of months|months|mois|duree|duration)(?: offerts?| offered)?\s*[:=]"
    rf"\s*(?P<count>{_COUNT})(?![\w.,]*\d)\b(?:\s*\(\s*(?P<second>{_COUNT})\s*\))?"
    rf"\s*(?P<unit>{_UNIT}\b)?"
)
_UNCLEAR_BEFORE = re.compile(
    rf"(?:(?:\b{_COUNT}\s*(?:a|ou|or|to|et|and|-|/|,)\s*)|(?:^|[^\w\s])-"
    r"|(?:moins de|plus de|environ|presque|pres de|autour de|jusqu'a|au moins|au plus|minimum"
    r"|maximum|less than|more than|about|around|up to|at least|at most|almost|nearly|entre|between"
    r"|ni|pas|not)\s+(?:les?\s+|the\s+)?|[^\S\n]-)$"
)
_UNCLEAR_AFTER = re.compile(
    rf"\s+(?:et\s+(?:demie?|quart|{_COUNT}\b)|and\s+(?:a\s+half|{_COUNT}\b)|minimum|maximum|environ"
    r"|ou\s+plus|ou\s+moins|or\s+more|or\s+less|a\s+\d)"
)


class Duration(NamedTuple):
    """A duration at a place of a text. `months`: None when it is not understood completely."""

    start: int
    end: int
    months: int | None


def read_durations(text: PlainText) -> list[Duration]:
    """The durations in a text, in order."""
    durations: list[Duration] = []
    for pattern in (_LABELLED_SPAN, _SPAN):
        for match in pattern.finditer(text.plain):
            if any(
                match.start("count") < each.end and each.start < match.end() for each in durations
            ):
                continue
            durations.append(
                Duration(match.start("count"), match.end(), _months(text.plain, match))
            )
    return sorted(durations)


def _months(plain: str, match: re.Match[str]) -> int | None:
    before = plain[max(0, match.start("count") - 40) : match.start("count")]
    line = before.rpartition("\n")[2]
    if _UNCLEAR_BEFORE.search(line) or line == "-" or _UNCLEAR_AFTER.match(plain, match.end()):
        return None
    count = _number(match["count"])
    if match["second"] is not None and _number(match["second"]) != count:
        return None
    years = (match["unit"] or "m").startswith(("a", "y"))
    return count if count is None or not years else 12 * count


def _number(text: str) -> int | None:
    if text.isdecimal():
        return int(text)
    return 1 if text == "a" else _NUMBERS.get(re.sub(r"[\s-]+", " ", text))
