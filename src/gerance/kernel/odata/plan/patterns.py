"""Regular expressions: the standard's are ECMAScript's, the database has others.

What both mean alike is passed on; what they write differently is written anew; the rest is refused.
"""

import re

from gerance.kernel.odata.errors import LimitExceeded, NotSupported

_CLASSES = {
    "d": "0-9",
    "w": "A-Za-z0-9_",
    "s": " \\t\\n\\v\\f\\r\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff",
}
_ANY = "[^\\n\\r\\u2028\\u2029]"
_LITERAL = frozenset("^$\\.*+?()[]{}|/-")
_CONTROL = frozenset("tnvfr")
_GROUPS = ("?:", "?=", "?!")
_COUNT = re.compile(r"{(\d{1,9})(?:,(\d{0,9}))?}")
MOST_PARTS = 5_000
"""Parts of a pattern once what is repeated by number is written out, as the database does: a few
characters like `((x{1,40}){1,40}){1,40}` would take gigabytes there."""


class _PartCounter:
    """Counts the parts of a pattern, each as often as it repeats."""

    def __init__(self, target: str) -> None:
        self.target = target
        self._groups = [0]
        self._last = 0

    def add(self, parts: int = 1) -> None:
        self._last = parts
        self._groups[-1] += parts
        if self._groups[-1] > MOST_PARTS:
            message = f"A pattern must have at most {MOST_PARTS} parts, repetitions included."
            raise LimitExceeded(message, target=self.target)

    def open(self) -> None:
        self._groups.append(0)

    def close(self) -> None:
        if len(self._groups) > 1:
            self.add(self._groups.pop())

    def repeat(self, count: re.Match[str]) -> None:
        times = int(count[2] or count[1])
        self._groups[-1] -= self._last
        self.add(self._last * times)


def as_database(pattern: str, target: str) -> str:
    """The pattern as PostgreSQL writes it. Raises NotSupported for what it has no words for:
    back references, named groups, look-behind, word boundaries, Unicode classes; LimitExceeded for
    one with too many parts."""
    pieces: list[str] = []
    parts = _PartCounter(target)
    at, in_brackets = 0, False
    while at < len(pattern):
        sign = pattern[at]
        at += 1
        if sign == "\\":
            escape = pattern[at : at + 1]
            at += 1
            pieces.append(_escape(escape, in_brackets, target))
            if not in_brackets:
                parts.add()
        elif in_brackets:
            in_brackets = sign != "]"
            # PostgreSQL reads [:alpha:] and the like inside brackets.
            pieces.append("\\[" if sign == "[" else sign)
        elif sign == "[":
            in_brackets = True
            pieces.append(sign)
            parts.add()
        elif sign == ".":
            pieces.append(_ANY)
            parts.add()
        elif sign == "(" and pattern[at : at + 1] == "?" and pattern[at : at + 2] not in _GROUPS:
            raise NotSupported(f"The pattern (?{pattern[at + 1 : at + 2]}", target=target)
        else:
            pieces.append(sign)
            if sign == "(":
                parts.open()
            elif sign == ")":
                parts.close()
            elif sign == "{" and (count := _COUNT.match(pattern, at - 1)):
                parts.repeat(count)
                pieces.append(count[0][1:])
                at = count.end()
            elif sign not in "*+?|":
                parts.add()
    # A pattern that begins with *** would be an instruction.
    return "(?:)" + "".join(pieces)


def _escape(sign: str, in_brackets: bool, target: str) -> str:
    if sign in _LITERAL or sign in _CONTROL:
        return f"\\{sign}"
    plain = sign.lower()
    if plain in _CLASSES and not (in_brackets and sign != plain):
        if in_brackets:
            return _CLASSES[plain]
        return f"[{'^' if sign != plain else ''}{_CLASSES[plain]}]"
    raise NotSupported(f"\\{sign} in a pattern", target=target)
