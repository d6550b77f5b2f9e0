"""Reading the parameters of a call: every one that is wrong is found before it is refused."""

import unicodedata
from collections.abc import Callable
from typing import Any, TypeVar

from gerance.partners.parameters.problems import ParameterProblem, WrongParameter

T = TypeVar("T")

_LINES = "\n\r\t"


class Reader:
    """The values of a call, each asked for by its name. `wrong`: what was found to be so."""

    def __init__(self, parameters: dict[str, list[Any]]) -> None:
        self._parameters = parameters
        self.wrong: list[ParameterProblem] = []

    def text(self, name: str, most: int, *, required: bool = False, lines: bool = False) -> str:
        """A text without blanks around it; empty when it is not there or wrong.

        `lines`: it may have line breaks.
        """
        text = ""
        try:
            text = _text(self._parameters.get(name, []), most, lines=lines)
        except WrongParameter as error:
            self.wrong.append(ParameterProblem(name, error.reason, error.most))
            return ""
        if required and not text:
            self.wrong.append(ParameterProblem(name, "missing"))
        return text

    def optional(self, name: str, most: int, *, lines: bool = False) -> str | None:
        """A text, None when it is not there, empty or wrong."""
        return self.text(name, most, lines=lines) or None

    def value(
        self, name: str, check: Callable[[str], T], most: int, *, required: bool = False
    ) -> T | None:
        """What `check` makes of a text; None when it is not there or wrong."""
        text = self.text(name, most, required=required)
        if not text:
            return None
        try:
            return check(text)
        except WrongParameter as error:
            self.wrong.append(ParameterProblem(name, error.reason, error.most))
            return None

    def has(self, name: str) -> bool:
        """Whether the parameter was given, be it null."""
        return name in self._parameters


def _text(values: list[Any], most: int, *, lines: bool) -> str:
    if len(values) > 1:
        raise WrongParameter("twice")
    value = values[0] if values else None
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**18:
        value = str(value)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise WrongParameter("no_text")
    text = value.strip()
    if len(text) > most:
        raise WrongParameter("long", most)
    if any(unicodedata.category(c) in ("Cc", "Cs") and not (lines and c in _LINES) for c in text):
        raise WrongParameter("control")
    return text
