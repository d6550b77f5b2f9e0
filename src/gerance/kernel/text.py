"""Text from clients, in one spelling before anything reads it.

Letters are composed (NFC): macOS sends `É` as `E` and a combining accent. Characters that show
nothing and only change the direction or the breaking of lines are removed. Text that is not UTF-8
is rejected, and never replaced.
"""

import json
import re
import unicodedata
from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote_plus

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_LONGEST_NAME = 60
_FEW_QUOTES = 4_000

# Joiners (U+200C, U+200D) are part of words and emoji, so they stay.
_INVISIBLE = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
# Escapes of letters, not of signs, controls and lone surrogates, behind no other backslash.
_ESCAPED_LETTERS = re.compile(
    r"(?<!\\)((?:\\\\)*)"
    r"((?:\\u(?:00(?:[46][1-9A-Fa-f]|[57][0-9Aa]|[A-Fa-f][0-9A-Fa-f])|0[1-9A-Fa-f][0-9A-Fa-f]{2}"
    r"|[1-9A-CE-Fa-ce-f][0-9A-Fa-f]{3}|[Dd][0-7][0-9A-Fa-f]{2}"
    r"|[Dd][89ABab][0-9A-Fa-f]{2}\\u[Dd][C-Fc-f][0-9A-Fa-f]{2})){1,1000})"
)
# An escape before a letter that could be an accent.
_ESCAPE = re.compile(r"(?<!\\)(?:\\\\)*\\(?:u[0-9A-Fa-f]{4}|[^u])(?=[^\x00-\x7f])")
_STRING = re.compile(rb'"([^"]*)"(\s*:)?')
_WRONG_PERCENT = re.compile(rb"%(?![0-9A-Fa-f]{2}).{0,2}", re.DOTALL)
_BEYOND_ASCII = re.compile(rb"(?:%[89A-Fa-f][0-9A-Fa-f])+")
_PERCENT = re.compile(r"(%[0-9A-Fa-f]{2})")
_LETTER_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")


class TextError(ValueError):
    """A text that cannot be read; the argument is a sentence that says why."""


def normal(text: str) -> str:
    """The text in composed form, without invisible characters."""
    if text.isascii():
        return text
    text = _INVISIBLE.sub("", text)
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def normal_json(body: bytes) -> bytes:
    """A JSON document (UTF-8) without a byte order mark, its texts in one spelling.

    It need not be valid JSON. Raises UnicodeDecodeError.
    """
    body = body.removeprefix(BYTE_ORDER_MARK)
    has_escapes = b"\\u" in body
    if body.isascii() and not has_escapes:
        return body
    text = body.decode()
    if has_escapes:
        text = _ESCAPED_LETTERS.sub(_unescaped, text)
    text = _INVISIBLE.sub("", text)
    if not unicodedata.is_normalized("NFC", text):
        # An escape is not a letter: `\n` and an accent are not `ñ`.
        text = _composed_between(_ESCAPE, text)
    return text.encode()


def require_distinct_members(body: bytes, *, ignore_case: bool = False) -> None:
    """Raises TextError when an object of a valid JSON document has a member twice."""
    # A body of many texts goes to the decoder at once: a list of them would hold the interpreter.
    if body.count(b'"') <= _FEW_QUOTES and _has_distinct_names(body, ignore_case=ignore_case):
        return

    def check(pairs: Sequence[tuple[str, Any]]) -> None:
        names = {name.lower() if ignore_case else name for name, _ in pairs}
        if len(names) != len(pairs):
            raise TextError(
                f"The member {_second_member(pairs, ignore_case)} is given more than once."
            )

    decoder = json.JSONDecoder(
        object_pairs_hook=check, parse_int=bool, parse_float=bool, parse_constant=bool, strict=False
    )
    decoder.decode(body.decode())


def _has_distinct_names(body: bytes, *, ignore_case: bool) -> bool:
    """Whether no name stands twice in the document, in whatever objects. False with escapes."""
    simple = body.replace(b"\\\\", b"").replace(b'\\"', b"")
    names = [
        match[1].lower() if ignore_case else match[1]
        for match in _STRING.finditer(simple)
        if match[2]
    ]
    return len(set(names)) == len(names) and not any(b"\\" in name for name in names)


def normal_target(raw: bytes) -> bytes:
    """A path or query string, percent-encoded, with its letters in one spelling.

    Bytes that are not encoded count as UTF-8. Raises TextError for an escape that is none, and for
    what is not UTF-8.
    """
    if b"%" not in raw and raw.isascii():
        return raw
    if wrong := _WRONG_PERCENT.search(raw):
        quoted_byte = wrong[0].decode("ascii", "replace")
        raise TextError(
            f"{quoted_byte!r} is not a percent-encoded byte. Write %25 for a percent sign."
        )
    plain = _BEYOND_ASCII.sub(
        lambda match: bytes.fromhex(match[0].decode()[1:].replace("%", "")), raw
    )
    if plain.isascii():
        return raw
    try:
        text = plain.decode()
    except UnicodeDecodeError as error:
        quoted_byte = "".join(f"%{byte:02X}" for byte in plain[error.start : error.start + 1])
        raise TextError(
            f"The URL is not UTF-8: {quoted_byte} is not part of a character. Encode é as %C3%A9."
        ) from error
    text = _composed_between(_PERCENT, _INVISIBLE.sub("", text))
    return _LETTER_BEYOND_ASCII.sub(
        lambda match: "".join(f"%{byte:02X}" for byte in match[0].encode()), text
    ).encode()


def form_pairs(body: bytes) -> list[tuple[str, str]]:
    """The names and values of a form (`application/x-www-form-urlencoded`) in one spelling.

    Raises TextError for what is not UTF-8 or not percent-encoded.
    """
    try:
        text = normal_target(body.removeprefix(BYTE_ORDER_MARK)).decode("ascii")
    except TextError as error:
        raise TextError("The form is not UTF-8, percent-encoded.") from error
    pairs = (pair.partition("=") for pair in text.split("&") if pair)
    return [(unquote_plus(name), unquote_plus(value)) for name, _, value in pairs]


def _unescaped(match: re.Match[str]) -> str:
    """The letters that escapes of JSON stand for."""
    letters = match[2].encode().decode("unicode_escape")
    # Letters beyond U+FFFF are escaped in pairs.
    return match[1] + letters.encode("utf-16", "surrogatepass").decode("utf-16")


def _composed_between(separator: re.Pattern[str], text: str) -> str:
    """The text in composed form; what separates stays as it is."""
    pieces = []
    end = 0
    for match in separator.finditer(text):
        pieces += [unicodedata.normalize("NFC", text[end : match.start()]), match[0]]
        end = match.end()
    pieces.append(unicodedata.normalize("NFC", text[end:]))
    return "".join(pieces)


def _second_member(pairs: Sequence[tuple[str, Any]], ignore_case: bool) -> str:
    keys: set[str] = set()
    for name, _ in pairs:
        key = name.lower() if ignore_case else name
        if key in keys:
            return name[:_LONGEST_NAME]
        keys.add(key)
    return ""
