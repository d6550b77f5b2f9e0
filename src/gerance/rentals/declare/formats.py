"""Formats of e-mail addresses and telephone numbers, checked without the network."""

import re

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from gerance.kernel.telephone import OVERSEAS_CODES, overseas, plain_number

_COUNTRIES = ("CA", "FR")
# How an extension is written in Québec; the library knows the English word.
_EXTENSION = re.compile(r"\b(?:poste|p\.)\s*(?=\d+\s*$)", re.IGNORECASE)


def is_email(text: str) -> bool:
    """Whether the text has the form of an e-mail address."""
    try:
        validate_email(text, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return False
    return True


def is_phone(text: str, country: str) -> bool:
    """Whether the text is a possible telephone number: as dialled in `country`, in Canada or in
    France with its overseas departments, or with + and a country code. An extension may follow.
    """
    number = _EXTENSION.sub("ext. ", plain_number(text))
    return any(_is_number(number, each) for each in dict.fromkeys((country, *_COUNTRIES)))


def _is_number(text: str, country: str) -> bool:
    try:
        number = overseas(phonenumbers.parse(text, country))
        if number.country_code in OVERSEAS_CODES:
            return phonenumbers.is_possible_number(number)
        return phonenumbers.is_valid_number(number)
    except phonenumbers.NumberParseException:
        return False
