"""Decoding of untrusted bytes to text, whatever charset they declare."""

import codecs
import re
import unicodedata
from email.errors import HeaderParseError
from email.header import decode_header

# Those that only change letters: others (punycode, unicode_escape) cost time, or run the reader.
_LETTERS = re.compile(
    r"utf-(8|16|32)(-[bl]e|-sig)?|ascii|iso8859-\d+|cp\d+|mac-\w+|koi8-\w|gb\w+|big5\w*|euc_\w+"
    r"|shift_jis\w*|iso2022_\w+|tis-620"
)
_OFTEN_WRONG = ("iso8859-1", "iso8859-15", "cp1252", "ascii")
_NAME = re.compile(r"[A-Za-z0-9_:.+-]{1,40}")
_FOLDED = re.compile(r"\r?\n[ \t]")
_BLANKS = re.compile(r"[^\S\n]+")


def decoded(data: bytes, charset: str | None) -> str:
    """The text, in UTF-8 or else Windows-1252 when `charset` is missing or does not fit.

    Programs say Latin-1 of Windows-1252, and of UTF-8 as well, which no other text looks like.
    """
    codec = _codec(charset)
    for name in ("utf-8",) if codec in _OFTEN_WRONG else (codec, "utf-8"):
        if name is not None:
            try:
                return data.decode(name)
            except UnicodeError:
                continue
    return data.decode("cp1252", "replace")


def header_text(raw: str) -> str:
    """A header on one line, with encoded words (RFC 2047) and 8-bit characters decoded.

    `raw`: as Python's parser keeps it, bytes beyond ASCII as surrogates.
    """
    unfolded = _FOLDED.sub(" ", raw)
    plain = decoded(unfolded.encode("utf-8", "surrogateescape"), None)
    try:
        parts = decode_header(plain)
    except (HeaderParseError, ValueError):
        return one_line(plain)
    return one_line(
        "".join(
            part
            if isinstance(part, str)
            else part.decode("raw-unicode-escape", "replace")
            if charset is None
            else decoded(part, charset)
            for part, charset in parts
        )
    )


def one_line(text: str) -> str:
    """The text with single blanks, without line breaks and invisible characters."""
    return " ".join(visible(text).split())


def bare(header: str) -> str:
    """A header without quoted strings and comments (RFC 5322, 3.2), which senders control. Empty
    when one of them is not closed."""
    characters: list[str] = []
    is_quoted, comments, is_escaped = False, 0, False
    for character in header:
        if is_escaped:
            is_escaped = False
        elif character == "\\" and (is_quoted or comments):
            is_escaped = True
        elif is_quoted:
            is_quoted = character != '"'
        elif comments:
            comments += (character == "(") - (character == ")")
        elif character in '"(':
            is_quoted, comments = character == '"', int(character == "(")
            characters.append(" ")
        else:
            characters.append(character)
    return "" if is_quoted or comments else "".join(characters)


def visible(text: str) -> str:
    """The text in composed form. Line breaks stay, other controls become blanks, invisible
    characters are removed."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    characters = (_printable(character) for character in unicodedata.normalize("NFC", text))
    return _BLANKS.sub(" ", "".join(characters))


def _printable(character: str) -> str:
    if character == "\n" or character.isprintable():
        return character
    return "" if unicodedata.category(character) in ("Cf", "Cs", "Co", "Cn") else " "


def _codec(charset: str | None) -> str | None:
    if charset is None or not _NAME.fullmatch(charset):
        return None
    try:
        name = codecs.lookup(charset).name
    except LookupError:
        return None
    return name if _LETTERS.fullmatch(name) else None
