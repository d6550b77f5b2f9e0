"""Rejections in French and in English: the language that a client prefers, and French typography.

The texts are those of the error catalogue; those of parameters are put together by `parameters`.
"""

import re
from functools import cache

from gerance.kernel.accept import accepted_values
from gerance.kernel.errors import Language, Rejection

_BLANK_BEFORE = re.compile(r" (?=[:»])|(?<=«) ")
_THIN_BLANK_BEFORE = re.compile(r" (?=[;?!])")


@cache
def typeset(text: str) -> str:
    """A French text with the blanks that no line may break at: before `:`, `;`, `?`, `!` and inside
    `« »`."""
    return _THIN_BLANK_BEFORE.sub("\u202f", _BLANK_BEFORE.sub("\u00a0", text))


def worded(error: Rejection, language: Language) -> Rejection:
    """The rejection in a language, for the body of an answer."""
    if language == "en":
        return error
    text = error.text(language)
    return Rejection(error.code, text, status=error.status, headers=error.headers, french=text)


def language_of(accept_language: str) -> Language:
    """French unless English is preferred to it (RFC 9110, 12.5.4)."""
    qualities: dict[str, float] = {}
    for value in accepted_values(accept_language):
        qualities.setdefault(value.name.partition("-")[0], value.quality)
    return "en" if qualities.get("en", 0.0) > qualities.get("fr", 0.0) else "fr"
