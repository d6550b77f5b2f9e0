"""Text to tokens."""

import re
from typing import NoReturn

import msgspec

from gerance.kernel.odata.errors import LimitExceeded, NotSupported, ODataRejection

MOST_TOKENS = 5000

_DATE = r"-?\d{4,6}-\d\d-\d\d"
_TIME = r"\d\d:\d\d(?::\d\d(?:\.\d{1,12})?)?"
# The blank: clients write `+02:00` into the query, where a plus stands for a blank.
_ZONE = r"(?:[Zz]|[+ -]\d\d:\d\d)"
_TOKEN = re.compile(
    rf"""\s*(?:(?P<text>'(?:[^']|'')*')
  | (?P<moment>{_DATE}[Tt ]{_TIME}{_ZONE})
  | (?P<guid>[0-9A-Fa-f]{{8}}-(?:[0-9A-Fa-f]{{4}}-){{3}}[0-9A-Fa-f]{{12}}(?!\w))
  | (?P<date>{_DATE}(?!\w))
  | (?P<time>{_TIME}(?!\w))
  | (?P<double>\d+(?:\.\d+)?[eE][+-]?\d+(?!\w))
  | (?P<decimal>\d+\.\d+(?!\w))
  | (?P<integer>\d+(?!\w))
  | (?P<prefixed>[A-Za-z][\w.]*'(?:[^']|'')*')
  | (?P<name>[$@]?[^\W\d][\w.]*)
  | (?P<sign>[(),/:;=*+-]))""",
    re.VERBOSE,
)
_BLANKS = re.compile(r"\s*")


class Lexeme(msgspec.Struct, frozen=True):
    """A token. `kind`: a group of the pattern, or "end"; `word`: the text of a name in small
    letters, else empty."""

    kind: str
    text: str
    at: int
    word: str = ""


class Budget:
    """The tokens that a question may still have, over all its texts."""

    def __init__(self) -> None:
        self._left = MOST_TOKENS

    def spend(self, target: str) -> None:
        """Count one token. Raises LimitExceeded when it is one too many."""
        self._left -= 1
        if self._left < 0:
            message = f"{target}: the query has more than {MOST_TOKENS} words and signs."
            raise LimitExceeded(message, target=target)


class Tokens:
    """The tokens of a text, one after another. `target`: what the text is, for errors.

    A token is read when the parser reaches it, so that a parser that stops at a limit has not paid
    for the rest of the text.
    """

    def __init__(self, text: str, target: str, budget: Budget | None = None) -> None:
        self.target = target
        self._text = text
        self._at = 0
        self._budget = budget or Budget()
        self.next = self._read()
        """The token that is read next; `take` moves on."""
        self._after: Lexeme | None = None

    @property
    def after(self) -> Lexeme:
        """The token after the next one."""
        if self._after is None:
            self._after = self._read()
        return self._after

    def take(self) -> Lexeme:
        token = self.next
        self.next = self._after or self._read()
        self._after = None
        return token

    def accept(self, sign: str) -> bool:
        """Take the next token if it is this sign."""
        if self.next.kind == "sign" and self.next.text == sign:
            self.take()
            return True
        return False

    def expect(self, sign: str) -> Lexeme:
        """Take this sign. Raises ODataRejection when something else stands there."""
        token = self.next
        if not self.accept(sign):
            self.reject(sign)
        return token

    def reject(self, *expected: str) -> NoReturn:
        """Say what was expected where the next token stands."""
        actual = f"found {self.next.text[:40]!r}" if self.next.kind != "end" else "it ends there"
        raise syntax_error(self.target, self.next.at, expected, actual)

    def _read(self) -> Lexeme:
        """The token at the place of reading; "end" at the end, as often as it is read."""
        text, match = self._text, _TOKEN.match(self._text, self._at)
        if match is not None:
            self._budget.spend(self.target)
            self._at = match.end()
            kind = str(match.lastgroup)
            part = match[kind]
            return Lexeme(kind, part, match.start(kind), part.lower() if kind == "name" else "")
        blanks = _BLANKS.match(text, self._at)
        at = self._at = blanks.end() if blanks else self._at
        if at == len(text):
            return Lexeme("end", "", at)
        if text[at] in "[{":
            raise NotSupported("JSON in an expression", target=self.target)
        what = "the closing quote of a text" if text[at] == "'" else "a name, literal or sign"
        raise syntax_error(self.target, at, (what,), f"found {text[at : at + 20]!r}")


def syntax_error(target: str, at: int, expected: tuple[str, ...], actual: str) -> ODataRejection:
    """The rejection of a text: where it is wrong, and what could have stood there."""
    return ODataRejection(
        "SyntaxError",
        f"{target}: at character {at} expected {' or '.join(expected)}, {actual}.",
        target=target,
        position=at,
        expected=expected,
    )
