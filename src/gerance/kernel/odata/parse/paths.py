"""Resource paths: `Buildings(1)/Units/$count`."""

import re
from urllib.parse import unquote

from gerance.kernel.odata.errors import LimitExceeded, NotSupported, ODataRejection
from gerance.kernel.odata.parse.expressions import ExpressionParser
from gerance.kernel.odata.parse.syntax import Argument, Segment
from gerance.kernel.odata.parse.tokens import Tokens

MOST_SEGMENTS = 12
LONGEST_PATH = 4096
_NAME = re.compile(r"[A-Z]\w*", re.ASCII)
"""A segment that is the name of a set or a property."""
ABSENT = frozenset({"$batch", "$all", "$entity", "$crossjoin", "$ref", "$each", "$query"})
"""Resources of the standard that the service does not have."""
_NUMBERS = ("INF", "NaN")


def parse_path(raw: str) -> tuple[Segment, ...]:
    """The segments of a path below the service's root, still percent-encoded.

    Raises ODataRejection when a segment is no name with or without parentheses.
    """
    if len(raw) > LONGEST_PATH:
        raise LimitExceeded(f"The path has more than {LONGEST_PATH} characters.")
    parts = [part for part in raw.split("/") if part]
    if len(parts) > MOST_SEGMENTS:
        raise LimitExceeded(f"The path has more than {MOST_SEGMENTS} segments.")
    return tuple(_segment(unquote(part).strip()) for part in parts)


def _segment(text: str) -> Segment:
    if _NAME.fullmatch(text) and text not in _NUMBERS:
        return Segment(text, None)
    tokens = Tokens(text, f"segment {text[:40]}")
    if tokens.next.kind != "name":
        tokens.reject("a name")
    name = tokens.take().text
    arguments: tuple[Argument, ...] | None = None
    if tokens.accept("("):
        if name.startswith("$"):
            raise NotSupported(f"The segment {name[:40]}")
        arguments = _arguments(tokens)
    if tokens.next.kind != "end":
        tokens.reject("/", "(")
    return Segment(name, arguments)


def _arguments(tokens: Tokens) -> tuple[Argument, ...]:
    if tokens.accept(")"):
        return ()
    parser = ExpressionParser(tokens)
    parsed_arguments: list[Argument] = []
    while True:
        name = None
        if tokens.next.kind == "name" and tokens.after.text == "=":
            name = tokens.take().text
            tokens.take()
        parsed_arguments.append(Argument(name, parser.expression()))
        if tokens.accept(","):
            continue
        tokens.expect(")")
        break
    names = [each.name.lower() if each.name else "" for each in parsed_arguments]
    if len(set(names)) < len(names):
        raise ODataRejection(
            "BadKey",
            f"{tokens.target}: each part of a key must be given once, by its name.",
            target=tokens.target,
        )
    return tuple(parsed_arguments)
