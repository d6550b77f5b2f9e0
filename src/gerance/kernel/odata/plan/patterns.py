"""Regular expressions: the standard's are ECMAScript's, the database has others.

What both mean alike is passed on; what they write differently is written anew; the rest is refused.
"""

from gerance.kernel.odata.errors import NotSupported

_CLASSES = {
    "d": "0-9",
    "w": "A-Za-z0-9_",
    "s": " \\t\\n\\v\\f\\r\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff",
}
_ANY = "[^\\n\\r\\u2028\\u2029]"
_LITERAL = frozenset("^$\\.*+?()[]{}|/-")
_CONTROL = frozenset("tnvfr")
_GROUPS = ("?:", "?=", "?!")


def as_database(pattern: str, target: str) -> str:
    """The pattern as PostgreSQL writes it. Raises NotSupported for what it has no words for:
    back references, named groups, look-behind, word boundaries, Unicode classes."""
    found: list[str] = []
    at, in_brackets = 0, False
    while at < len(pattern):
        sign = pattern[at]
        at += 1
        if sign == "\\":
            escaped = pattern[at : at + 1]
            at += 1
            found.append(_escape(escaped, in_brackets, target))
        elif in_brackets:
            in_brackets = sign != "]"
            # PostgreSQL reads [:alpha:] and the like inside brackets.
            found.append("\\[" if sign == "[" else sign)
        elif sign == "[":
            in_brackets = True
            found.append(sign)
        elif sign == ".":
            found.append(_ANY)
        elif sign == "(" and pattern[at : at + 1] == "?" and pattern[at : at + 2] not in _GROUPS:
            raise NotSupported(f"The pattern (?{pattern[at + 1 : at + 2]}", target=target)
        else:
            found.append(sign)
    # A pattern that begins with *** would be an instruction.
    return "(?:)" + "".join(found)


def _escape(escaped: str, in_brackets: bool, target: str) -> str:
    if escaped in _LITERAL or escaped in _CONTROL:
        return f"\\{escaped}"
    plain = escaped.lower()
    if plain in _CLASSES and not (in_brackets and escaped != plain):
        if in_brackets:
            return _CLASSES[plain]
        return f"[{'^' if escaped != plain else ''}{_CLASSES[plain]}]"
    raise NotSupported(f"\\{escaped} in a pattern", target=target)
