"""Text to tokens."""

import re
from dataclasses import dataclass
from typing import NoReturn

from gerance.kernel.odata.errors import NotSupported, ODataRefused

_DATE = r"-?\d{4,6}-\d\d-\d\d"
_TIME = r"\d\d:\d\d(?::\d\d(?:\.\d{1,12})?)?"
# The blank: clients write `+02:00` into the query, where a plus stands for a blank.
_ZONE = r"(?:[Zz]|[+ -]\d\d:\d\d)"
_TOKEN = re.compile(
    rf"""(?P<blank>\s+)
  | (?P<text>'(?:[^']|'')*')
  | (?P<moment>{_DATE}[Tt ]{_TIME}{_ZONE})
  | (?P<guid>[0-9A-Fa-f]{{8}}-(?:[0-9A-Fa-f]{{4}}-){{3}}[0-9A-Fa-f]{{12}}(?!\w))
  | (?P<date>{_DATE}(?!\w))
  | (?P<time>{_TIME}(?!\w))
  | (?P<double>\d+(?:\.\d+)?[eE][+-]?\d+(?!\w))
  | (?P<decimal>\d+\.\d+(?!\w))
  | (?P<integer>\d+(?!\w))
  | (?P<prefixed>[A-Za-z]+'(?:[^']|'')*')
  | (?P<name>[$@]?[^\W\d][\w.]*)
  | (?P<sign>[(),/:;=*-])""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Token:
    """`kind`: a group of the pattern, or "end"."""

    kind: str
    text: str
    at: int


class Tokens:
    """The tokens of a text, one after another. `target`: what the text is, for errors."""

    def __init__(self, text: str, target: str) -> None:
        self.target = target
        self._tokens = _tokens(text, target)
        self._next = 0

    @property
    def next(self) -> Token:
        return self._tokens[self._next]

    @property
    def after(self) -> Token:
        """The token after the next one."""
        return self._tokens[min(self._next + 1, len(self._tokens) - 1)]

    def take(self) -> Token:
        token = self._tokens[self._next]
        if token.kind != "end":
            self._next += 1
        return token

    def accept(self, sign: str) -> bool:
        """Take the next token if it is this sign."""
        if self.next.kind == "sign" and self.next.text == sign:
            self._next += 1
            return True
        return False

    def expect(self, sign: str) -> Token:
        """Take this sign. Raises ODataRefused when something else stands there."""
        token = self.next
        if not self.accept(sign):
            self.refuse(sign)
        return token

    def word(self) -> str:
        """The next token in small letters when it is a name, else the empty text."""
        return self.next.text.lower() if self.next.kind == "name" else ""

    def refuse(self, *expected: str) -> NoReturn:
        """Say what was expected where the next token stands."""
        found = f"found {self.next.text[:40]!r}" if self.next.kind != "end" else "it ends there"
        raise syntax_error(self.target, self.next.at, expected, found)


def syntax_error(target: str, at: int, expected: tuple[str, ...], found: str) -> ODataRefused:
    """The refusal of a text: where it is wrong, and what could have stood there."""
    return ODataRefused(
        "SyntaxError",
        f"{target}: at character {at} expected {' or '.join(expected)}, {found}.",
        target=target,
        position=at,
        expected=expected,
    )


def _tokens(text: str, target: str) -> list[Token]:
    found: list[Token] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            if text[at] in "[{":
                raise NotSupported("JSON in an expression", target=target)
            what = "the closing quote of a text" if text[at] == "'" else "a name, literal or sign"
            raise syntax_error(target, at, (what,), f"found {text[at : at + 20]!r}")
        kind = str(match.lastgroup)
        if kind != "blank":
            found.append(Token(kind, match[0], at))
        at = match.end()
    found.append(Token("end", "", len(text)))
    return found
