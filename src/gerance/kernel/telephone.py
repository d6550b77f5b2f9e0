"""Telephone numbers as people write them, and the French plan of numbers overseas."""

import unicodedata

import phonenumbers

FRENCH_PLAN = frozenset(("FR", "RE", "YT", "GP", "MQ", "GF", "BL", "MF"))
"""Territories whose numbers of ten digits are in the French plan, by ISO 3166 code."""

_BEGINNINGS = {
    262: ("262", "263", "269", "639", "692", "693"),
    590: ("590", "690", "691"),
    594: ("594", "694"),
    596: ("596", "696", "697"),
}
OVERSEAS_CODES = frozenset(_BEGINNINGS)
_CODES = {digits: code for code, beginnings in _BEGINNINGS.items() for digits in beginnings}


def plain_number(text: str) -> str:
    """The number with plain blanks and dashes: French typography has narrow and fixed ones."""
    if text.isascii():
        return text
    return "".join(map(_plain, text)).strip()


def overseas(number: phonenumbers.PhoneNumber) -> phonenumbers.PhoneNumber:
    """The number with the country code of the overseas department that its first digits name.

    The French plan has the numbers of the departments, but no one reaches them by +33.
    """
    code = _CODES.get(str(number.national_number)[:3])
    if number.country_code != 33 or code is None or len(str(number.national_number)) != 9:
        return number
    return phonenumbers.PhoneNumber(country_code=code, national_number=number.national_number)


def _plain(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Zs":
        return " "
    return "-" if category == "Pd" else character
