"""Escaping of untrusted text, so that it is safe to show in a terminal or in a log line.

Every character that a terminal interprets instead of showing (escape sequences, line breaks, other
C0 and C1 controls, DEL, bidirectional and invisible formatting, surrogates) becomes its Python
escape: `\\x1b`, `\\n`, `\\u202e`.
"""

import re

MOST_CHARACTERS = 2_000
"""Characters of one value that are shown; a longer one is cut, and its length given."""

# Blanks like the no-break space of French are "not printable" to Python, and harmless.
_BLANKS = re.compile(r"[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")


def printable(value: object, limit: int = MOST_CHARACTERS) -> str:
    """The text of a value on one line, with at most `limit` of its characters."""
    text = value if type(value) is str else _text(value)
    if len(text) <= limit and text.isprintable():
        return text
    if len(text) > limit:
        return f"{_escape_all(text[:limit])}... ({len(text)} characters)"
    return _escape_all(text)


def escape_json(document: str) -> str:
    """JSON with the same content, in which every such character is an escape of JSON."""
    if document.isprintable():
        return document
    return "".join(each if _is_shown(each) else _json_escape(each) for each in document)


def _text(value: object) -> str:
    try:
        return str(value)
    except Exception:
        # Any exception of a foreign `__str__`: no log line or error text fails because of it.
        return f"<{type(value).__name__}>"


def _escape_all(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(each if _is_shown(each) else _escape(each) for each in text)


def _is_shown(character: str) -> bool:
    return character.isprintable() or _BLANKS.match(character) is not None


def _escape(character: str) -> str:
    return character.encode("unicode-escape").decode("ascii")


def _json_escape(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))
