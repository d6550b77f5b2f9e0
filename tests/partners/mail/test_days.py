"""Days and durations in text: phrases made by a generator that shares nothing with the grammar."""

import calendar
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gerance.partners.mail.body import read_end, read_offer
from gerance.partners.mail.days import read_days
from gerance.partners.mail.durations import read_durations
from gerance.partners.mail.plain_text import plain_text

TODAY = date(2026, 11, 30)
FRENCH = {
    "janvier": "janv.", "février": "févr.", "mars": "mars", "avril": "avr.", "mai": "mai",
    "juin": "juin", "juillet": "juil.", "août": "août", "septembre": "sept.", "octobre": "oct.",
    "novembre": "nov.", "décembre": "déc.",
}  # fmt: skip
ENGLISH = list(calendar.month_name)[1:]
NUMERIC = ("%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%d/%m/%y", "%d.%m.%y", "%Y-%m-%d", "%Y/%m/%d",
           "%d %m %Y")  # fmt: skip
FRENCH_WEEK = ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"]
INTRODUCTIONS = (
    "Merci de résilier au", "Résiliation à compter du", "Fin du contrat le", "Fin de contrat :",
    "Nous mettons un terme au service de M. Lhermitte, client depuis longtemps,\nau",
    "please cancel on", "The contract ends", "À résilier pour le",
)  # fmt: skip
REMAINDERS = (
    ".", "", ", merci.", ".\nTél. 06.12.34.56.78", ".\nFax : 01 02 26 04 05", " svp",
    ".\nSIRET 732 829 320 00074", ".\nRéf. 2026/0117-31", ".\nLoyer : 1.250,00 €",
    ".\nSuite à votre courrier du 02/11/2026.", ".\nJe suis absente, de retour le 11/12/2026.",
    ".\n+33 1 99 00 12 34", ".\n10.12.26.4",
)  # fmt: skip


def spellings(day: date) -> list[str]:
    """The ways to write a day completely."""
    french, english = list(FRENCH)[day.month - 1], ENGLISH[day.month - 1]
    first = ["1er", "premier", "1 er"] if day.day == 1 else [str(day.day), f"{day.day:02}"]
    ordinal = {1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd", 31: "st"}
    texts = [day.strftime(form) for form in NUMERIC]
    texts += [f"{number} {french} {day.year}" for number in first]
    texts += [f"{number} {french}\n{day.year}" for number in first]
    texts += [f"{first[0]} {french.upper()} {day.year}", f"{first[0]}\n{french} {day.year}"]
    texts += [f"{FRENCH_WEEK[day.weekday()]} {first[0]} {french} {day.year}"]
    texts += [
        f"{first[0]} {FRENCH[french]} {day.year % 100}",
        f"{first[0]}{FRENCH[french]}{day.year}",
    ]
    suffix = ordinal.get(day.day, "th")
    texts += [f"{english} {day.day}, {day.year}", f"{english} {day.day}{suffix}, {day.year}"]
    texts += [f"{day.day}{suffix} of {english} {day.year}"]
    if day.day == calendar.monthrange(day.year, day.month)[1]:
        of = "d'" if french[0] in "ao" else "de "
        texts += [
            f"fin {french} {day.year}", f"fin du mois {of}{french} {day.year}",
            f"dernier jour du mois {of}{french.title()} {day.year}",
            f"end of {english} {day.year}", f"end of the month of {english} {day.year}",
        ]  # fmt: skip
    return texts


DAYS = st.integers(0, 1500).map(lambda days: TODAY + timedelta(days=days))


@settings(max_examples=300)
@given(DAYS, st.data())
def test_a_day_that_is_written_completely_is_read(day: date, data: st.DataObject) -> None:
    written = data.draw(st.sampled_from(spellings(day)))
    text = " ".join((data.draw(st.sampled_from(INTRODUCTIONS)), written))
    text += data.draw(st.sampled_from(REMAINDERS))
    found = read_end(text.split("\n"), TODAY)
    assert found.end == day, (text, found)
    assert found.words is not None
    assert " ".join(written.split()).endswith(found.words.strip(".")) or found.words in written


SPOILERS = (
    "Résilier avant le {}", "Résilier environ le {}", "fin : courant {}", "résilier vers le {}",
    "résilier au {}/4", "résilier au {}.12", "fin au 7.{}", "fin le {}5",
)  # fmt: skip


@settings(max_examples=200)
@given(DAYS, st.data())
def test_a_day_with_something_not_understood_is_never_that_day(
    day: date, data: st.DataObject
) -> None:
    written = day.strftime(data.draw(st.sampled_from(NUMERIC[:5])))
    text = data.draw(st.sampled_from(SPOILERS)).format(written)
    assert read_end([text], TODAY).end is None, text


@settings(max_examples=300)
@given(st.text(alphabet="0123456789 ./-+()", min_size=9, max_size=25))
def test_of_digits_only_complete_days_are_read(digits: str) -> None:
    read = [
        each for each in read_days(plain_text(f"fin : {digits}"), TODAY) if each.problem is None
    ]
    for phrase in read:
        words = plain_text(f"fin : {digits}").words(phrase.start, phrase.end).replace(" ", "")
        assert any(char in words for char in "./-") or len(words) >= 6, digits
        before = f"fin : {digits}"[: phrase.start][-1:]
        assert before not in tuple("0123456789/"), digits


@pytest.mark.parametrize(
    ("written", "end", "problem"),
    [
        ("à la fin du mois", "2026-11-30", None),
        ("à la fin du mois en cours", "2026-11-30", None),
        ("fin de ce mois", "2026-11-30", None),
        ("en fin de mois", "2026-11-30", None),
        ("fin du mois, soit le 30/11/2026", "2026-11-30", None),
        ("à la fin du mois prochain", "2026-12-31", None),
        ("à la fin du mois suivant", "2026-12-31", None),
        ("à la fin du mois qui suit", "2026-12-31", None),
        ("à la fin du mois dernier", "2026-10-31", None),
        ("at the end of next month", "2026-12-31", None),
        ("fin du mois\nde mars 2027", "2027-03-31", None),
        ("31 décembre, donc le 31/12/2026", "2026-12-31", None),
        ("à la fin du mois de mars", None, "no_year"),
        ("à la fin du mois de préavis", None, "vague_day"),
        ("à la fin du mois suivant la réception", None, "vague_day"),
        ("au 31 décembre", None, "no_year"),
        ("au 31/12", None, "no_year"),
        ("au 31 décembre prochain", None, "no_year"),
        ("fin décembre", None, "no_year"),
        ("fin 2026", None, "vague_day"),
        ("fin d'année", None, "vague_day"),
        ("mi-décembre 2026", None, "vague_day"),
        ("dans 3 mois", None, "vague_day"),
        ("le mois prochain", None, "vague_day"),
        ("lundi 31 décembre 2026", None, "no_such_day"),
        ("31/02/2027", None, "no_such_day"),
        ("le 31/12/2026 ou le 31/01/2027", None, "several_days"),
        ("le 06/12/2034", "2034-12-06", "distant_day"),
        ("dès que possible", None, "no_day"),
        ("31 décembre\n\n2026", None, "no_year"),
        ("31 decemvre 2026", None, "vague_day"),
    ],
)
def test_what_is_not_understood_completely_is_unclear(
    written: str, end: str | None, problem: str | None
) -> None:
    found = read_end(f"Merci de résilier {written}.".split("\n"), TODAY)
    assert (found.end and str(found.end)) == end
    assert [each.code for each in found.problems] == ([problem] if problem else [])


def test_a_day_of_something_else_is_not_the_end() -> None:
    for text in ("Suite à votre courrier du 02/11/2026.", "Absente, de retour le 11/12/2026."):
        found = read_end([text, "Merci de résilier dès que possible."], TODAY)
        assert (found.end, [each.code for each in found.problems]) == (None, ["other_day"])


def spelled_numbers() -> dict[str, int]:
    """Numbers up to 120 in words, written down by hand where French has its own ways."""
    units = ["un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf"]
    teens = ["dix", "onze", "douze", "treize", "quatorze", "quinze", "seize"]
    teens += ["dix-sept", "dix-huit", "dix-neuf"]
    found = dict(zip(units, range(1, 10), strict=True)) | dict(
        zip(teens, range(10, 20), strict=True)
    )
    for tens, name in ((20, "vingt"), (30, "trente"), (40, "quarante"), (50, "cinquante"),
                       (60, "soixante")):  # fmt: skip
        found |= {name: tens, f"{name} et un": tens + 1}
        found |= {f"{name}-{units[n - 1]}": tens + n for n in range(2, 10)}
    found |= {f"soixante-{teens[n]}": 70 + n for n in range(10) if n != 1}
    found |= {"soixante et onze": 71, "quatre-vingts": 80, "cent": 100, "cent vingt": 120}
    found |= {f"quatre-vingt-{units[n - 1]}": 80 + n for n in range(1, 10)}
    found |= {f"quatre-vingt-{teens[n]}": 90 + n for n in range(10)}
    return found | {
        "twenty-four": 24,
        "eighteen": 18,
        "thirty six": 36,
        "one hundred and twenty": 120,
    }


def test_numbers_of_several_words_are_read_whole() -> None:
    for spelling, number in spelled_numbers().items():
        for text in (spelling, spelling.replace("-", " "), f"{number} ({spelling})", str(number)):
            unit = "months" if "y" in spelling or "een" in spelling else "mois"
            (found,) = read_durations(plain_text(f"Merci de lui offrir {text} {unit}."))
            assert found.months == number, text


@pytest.mark.parametrize(
    "written",
    [
        "2 à 3 mois", "2 ou 3 mois", "2-3 mois", "deux à trois mois", "1 mois et demi", "-3 mois",
        "un an et demi", "six (7) mois", "environ 3 mois", "moins de 3 mois", "au moins 3 mois",
        "un ou deux mois", "trois-quatre mois", "3 mois minimum", "1,5 mois", "entre 2 et 3 mois",
        "vingt-vingt mois",
    ],
)  # fmt: skip
def test_a_duration_that_is_not_understood_completely_is_unclear(written: str) -> None:
    found = read_offer("Offre", [f"Merci de lui offrir {written}."])
    assert found.months is None
    assert found.problems[0].code in ("unclear_duration", "no_months")
