"""Checks of single values: each turns a text into the stored value, or raises WrongParameter."""

import re
from datetime import date

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from stdnum.exceptions import ValidationError
from stdnum.fr import siren, siret

from gerance.kernel.telephone import FRENCH_PLAN, OVERSEAS_CODES, overseas, plain_number
from gerance.partners.parameters.countries import country_code
from gerance.partners.parameters.problems import WrongParameter

FRANCE = "FR"
_PHONE = re.compile(r"[+\d\s().\-/]{3,40}")
_FRENCH_ZIP = re.compile(r"(?:FR?[ -]?)?(\d{2}[ .]?\d{3})(?: ?CEDEX(?: \d{1,2})?)?", re.IGNORECASE)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_NUMBER = re.compile(r"\d{1,9}", re.ASCII)


def email(text: str) -> str:
    """The normalized e-mail address; whether mail to it arrives is not checked."""
    try:
        return validate_email(text, check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise WrongParameter("email") from error


def phone(text: str, country: str = FRANCE) -> str:
    """A number as E.164 has it: `+33123456789`. Without a country's code it is read as dialled in
    `country` (ISO 3166 alpha-2), else in France."""
    text = plain_number(text)
    if not _PHONE.fullmatch(text):
        raise WrongParameter("phone")
    region = FRANCE if country in FRENCH_PLAN else country
    for each in dict.fromkeys((region, FRANCE)):
        try:
            number = overseas(phonenumbers.parse(text, each))
        except phonenumbers.NumberParseException:
            continue
        if _exists(number, by_code=text.startswith(("+", "00"))):
            return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
    raise WrongParameter("phone")


def _exists(number: phonenumbers.PhoneNumber, *, by_code: bool) -> bool:
    """Whether the number can be someone's. Elsewhere plans of numbers change faster than we could
    follow, so a number with a country's code need only be possible."""
    if number.country_code in OVERSEAS_CODES or (by_code and number.country_code != 33):
        return phonenumbers.is_possible_number(number)
    return phonenumbers.is_valid_number(number)


def zipcode(text: str, country: str) -> str:
    """A post code. A French one has five digits, without blanks, `F-` or `CEDEX`; others stay."""
    if country in FRENCH_PLAN and (digits := _FRENCH_ZIP.fullmatch(text)):
        return re.sub(r"\D", "", digits[1])
    return text


def firm(text: str) -> str:
    """A SIREN of 9 digits or a SIRET of 14, without its blanks; its check digit is right."""
    digits = re.sub(r"\s", "", text)
    if not re.fullmatch(r"\d{9}|\d{14}", digits, re.ASCII):
        raise WrongParameter("siret")
    try:
        (siren if len(digits) == 9 else siret).validate(digits)
    except ValidationError as error:
        raise WrongParameter("siret") from error
    return digits


def country(text: str) -> str:
    """ISO 3166 alpha-2 of a country by its name in French or English, or by its code."""
    code = country_code(text)
    if code is None:
        raise WrongParameter("country")
    return code


def number(text: str, reason: str) -> int:
    """A number of at most nine digits."""
    if not _NUMBER.fullmatch(text):
        raise WrongParameter(reason)
    return int(text)


def between(text: str, most: int, reason: str) -> int:
    """A number from 1 to `most`."""
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text) <= most:
        raise WrongParameter(reason, most)
    return int(text)


def months(text: str) -> int:
    """A number of months that are offered."""
    return between(text, 120, "months")


def day(text: str) -> date:
    """A day of the calendar, `2026-11-22`, from 1900 to 2199."""
    if not _DAY.fullmatch(text) or not "1900" <= text < "2200":
        raise WrongParameter("day")
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise WrongParameter("day") from error
