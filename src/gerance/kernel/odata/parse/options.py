"""Query options: of a request (`?$filter=...&$top=5`) and inside `$expand` (`Units($top=5)`).

As the reference's clients write them: names with or without `$`, in any case, blanks anywhere.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_plus

from gerance.kernel.odata.errors import LimitExceeded, NotSupported, ODataRejection
from gerance.kernel.odata.parse.expressions import ExpressionParser
from gerance.kernel.odata.parse.syntax import (
    ExpandItem,
    Expression,
    Name,
    Options,
    Ordering,
    QueryOptions,
)
from gerance.kernel.odata.parse.tokens import Budget, Tokens

LONGEST = 32_768
MOST_OPTIONS = 300
MOST_SELECTED = 500
DEEPEST_EXPAND = 6
MOST_EXPANDED = 40
MOST_ORDERINGS = 24
_LARGEST = 2**31 - 1

# What another release of the standard, or a later one of ours, has.
_ABSENT = frozenset(
    {"search", "apply", "compute", "levels", "index", "inlinecount"} | {"id", "schemaversion"}
)
# These would change the answer, so that a request with them is refused with or without `$`.
_NEVER_IGNORED = frozenset({"search", "apply", "compute", "inlinecount"})
_NAMES = frozenset(
    {"select", "filter", "orderby", "expand", "top", "skip", "count", "skiptoken", "format"}
)


def parse_query(raw: str) -> QueryOptions:
    """The query string of a request, still percent-encoded.

    Raises ODataRejection: unknown (400) or unsupported option (501), an option given twice, syntax.
    """
    parts, budget = _parts(raw), Budget()
    values: dict[str, Any] = {}
    aliases: dict[str, Expression] = {}
    custom: dict[str, str] = {}
    for part in parts:
        if not part:
            continue
        name, _, value = part.partition("=")
        name, value = unquote_plus(name).strip(), unquote_plus(value).strip()
        if name.startswith("@"):
            if name in aliases:
                raise ODataRejection(
                    "RepeatedOption", f"{name} is given more than once.", target=name
                )
            aliases[name] = _expression(value, name, budget)
        elif (option := option_name(name)) is None:
            custom[name.lower()] = value
        elif option in values:
            raise ODataRejection(
                "RepeatedOption", f"${option} is given more than once.", target=f"${option}"
            )
        else:
            values[option] = _READERS[option](value, f"${option}", budget)
    return QueryOptions(Options(**values), aliases, custom)


def literal(text: str, target: str) -> Expression:
    """What a text of the query is by itself: a date, a number, a text in quotes."""
    return _expression(text, target, Budget())


def _parts(raw: str) -> list[str]:
    """The options of a query string. Raises LimitExceeded."""
    if len(raw) > LONGEST:
        raise LimitExceeded(f"The query has more than {LONGEST} characters.")
    parts = raw.split("&", MOST_OPTIONS)
    if len(parts) > MOST_OPTIONS:
        raise LimitExceeded(f"The query has more than {MOST_OPTIONS} options.")
    return parts


def format_in(raw: str) -> str | None:
    """The `$format` of a query string, None without one: errors have their form before the rest
    is read."""
    if "format" not in raw.lower():
        return None
    for part in raw.split("&", MOST_OPTIONS)[:MOST_OPTIONS]:
        name, _, value = part.partition("=")
        if unquote_plus(name).strip().lower().removeprefix("$") == "format":
            return unquote_plus(value).strip()
    return None


def query_options(raw: str) -> list[tuple[str | None, str]]:
    """Each option of a query string: its name, None for one that is not of the standard, and its
    text as it was sent. Raises ODataRejection for one that is unknown or not supported."""
    return [
        (option_name(unquote_plus(part.partition("=")[0]).strip()), part)
        for part in _parts(raw)
        if part
    ]


def delta_token_in(raw: str) -> tuple[str | None, str]:
    """The `$deltatoken` of a query string, None without one, and the other options: it says since
    when something is asked, not what."""
    if "deltatoken" not in raw.lower():
        return None, raw
    tokens, others = [], []
    for part in _parts(raw):
        name, _, value = part.partition("=")
        if unquote_plus(name).strip().lower().removeprefix("$") == "deltatoken":
            tokens.append(unquote_plus(value).strip())
        else:
            others.append(part)
    if len(tokens) > 1:
        raise ODataRejection(
            "RepeatedOption", "$deltatoken is given more than once.", target="$deltatoken"
        )
    return tokens[0] if tokens else None, "&".join(others)


def option_name(name: str) -> str | None:
    """The system query option of that name; None when it is none of ours nor the standard's."""
    plain = name.lower().removeprefix("$")
    if plain == "where":
        return "filter"
    if plain in _NAMES:
        return plain
    if plain == "deltatoken":
        # Links have it beside the options of a question: see delta_token_in.
        raise ODataRejection(
            "InvalidOption", "$deltatoken does not apply to this path.", target=name
        )
    if plain in _NEVER_IGNORED or (plain in _ABSENT and name.startswith("$")):
        raise NotSupported(f"${plain}", target=f"${plain}")
    if name.startswith("$"):
        raise ODataRejection(
            "UnknownOption", f"There is no query option {name[:40]}.", target=name[:40]
        )
    return None


def _expression(text: str, target: str, budget: Budget) -> Expression:
    tokens = Tokens(text, target, budget)
    expression = ExpressionParser(tokens).expression()
    _end(tokens)
    return expression


def _ordering(text: str, target: str, budget: Budget) -> tuple[Ordering, ...]:
    tokens = Tokens(text, target, budget)
    orderings = _orderings(tokens, ExpressionParser(tokens))
    _end(tokens)
    return orderings


def _orderings(tokens: Tokens, parser: ExpressionParser) -> tuple[Ordering, ...]:
    orderings = []
    while True:
        expression = parser.expression()
        direction = tokens.next.word
        if direction in ("asc", "desc"):
            tokens.take()
        orderings.append(Ordering(expression, direction == "desc"))
        if len(orderings) > MOST_ORDERINGS:
            raise LimitExceeded(
                f"{tokens.target}: orders by more than {MOST_ORDERINGS} values.",
                target=tokens.target,
            )
        if not tokens.accept(","):
            return tuple(orderings)


def _selecting(text: str, target: str, budget: Budget) -> tuple[Name, ...]:
    tokens = Tokens(text, target, budget)
    names = _selection(tokens)
    _end(tokens)
    return names


def _selection(tokens: Tokens) -> tuple[Name, ...]:
    names = []
    while True:
        token = tokens.next
        if token.kind != "name" and token.text != "*":
            tokens.reject("a property", "*")
        tokens.take()
        names.append(Name(token.text, token.at))
        if len(names) > MOST_SELECTED:
            raise LimitExceeded(
                f"{tokens.target}: selects more than {MOST_SELECTED} properties.",
                target=tokens.target,
            )
        if tokens.next.text in ("/", "("):
            raise NotSupported("A path in $select", target=tokens.target)
        if not tokens.accept(","):
            return tuple(names)


def _expanding(text: str, target: str, budget: Budget) -> tuple[ExpandItem, ...]:
    tokens = Tokens(text, target, budget)
    items = _ExpandParser(tokens).items(1)
    _end(tokens)
    return items


class _ExpandParser:
    def __init__(self, tokens: Tokens) -> None:
        self.tokens = tokens
        self._expressions: ExpressionParser | None = None
        self._items = 0

    def items(self, depth: int) -> tuple[ExpandItem, ...]:
        items = [self._item(depth)]
        while self.tokens.accept(","):
            items.append(self._item(depth))
        return tuple(items)

    def _item(self, depth: int) -> ExpandItem:
        self._items += 1
        if depth > DEEPEST_EXPAND:
            raise LimitExceeded(
                f"$expand: is nested more than {DEEPEST_EXPAND} deep.", target="$expand"
            )
        if self._items > MOST_EXPANDED:
            raise LimitExceeded(f"$expand: has more than {MOST_EXPANDED} items.", target="$expand")
        tokens = self.tokens
        token = tokens.next
        if token.kind != "name" and token.text != "*":
            tokens.reject("a navigation property", "*")
        names = [Name(tokens.take().text, token.at)]
        while tokens.accept("/"):
            step = tokens.next
            if step.kind != "name":
                tokens.reject("a navigation property", "$ref", "$count")
            tokens.take()
            if step.text.lower() == "$ref":
                return ExpandItem(tuple(names), self._options(depth), "references")
            if step.text.lower() == "$count":
                return ExpandItem(tuple(names), self._options(depth), "count")
            names.append(Name(step.text, step.at))
            if len(names) > DEEPEST_EXPAND:
                raise LimitExceeded(
                    f"$expand: is nested more than {DEEPEST_EXPAND} deep.", target="$expand"
                )
        return ExpandItem(tuple(names), self._options(depth))

    def _options(self, depth: int) -> Options:
        tokens = self.tokens
        if not tokens.accept("("):
            return Options()
        values: dict[str, Any] = {}
        while not tokens.accept(")"):
            token = tokens.next
            if token.text.startswith("@"):
                raise NotSupported("A parameter alias inside $expand", target="$expand")
            option = _nested_option(token.text) if token.kind == "name" else None
            if option is None or option in ("skiptoken", "format"):
                tokens.reject("an option of $expand like $select")
            if option in values:
                raise ODataRejection(
                    "RepeatedOption",
                    f"$expand: ${option} is given more than once.",
                    target="$expand",
                    position=token.at,
                )
            tokens.take()
            tokens.expect("=")
            values[option] = self._option(option, depth)
            if not tokens.accept(";") and tokens.next.text != ")":
                tokens.reject(";", ")")
        return Options(**values)

    def _option(self, option: str, depth: int) -> object:
        match option:
            case "select":
                return _selection(self.tokens)
            case "filter":
                return self._parser().expression()
            case "orderby":
                return _orderings(self.tokens, self._parser())
            case "expand":
                return self.items(depth + 1)
            case "count":
                return _truth(self._word(), "$expand")
            case _:
                return _number(self._word(), "$expand")

    def _parser(self) -> ExpressionParser:
        """The one parser of all expressions in the option: it counts their nodes."""
        if self._expressions is None:
            self._expressions = ExpressionParser(self.tokens)
        return self._expressions

    def _word(self) -> str:
        return self.tokens.take().text


def _nested_option(name: str) -> str | None:
    """As `option_name`, where nothing but options can stand."""
    plain = name.lower().removeprefix("$")
    return option_name(f"${plain}" if plain in _ABSENT else name)


def _number(text: str, target: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 16):
        raise ODataRejection(
            "InvalidOption", f"{target}: expected a number from 0 on, got {text[:40]!r}.",
            target=target,
        )  # fmt: skip
    return min(int(text), _LARGEST)


def _truth(text: str, target: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise ODataRejection(
            "InvalidOption", f"{target}: expected true or false, got {text[:40]!r}.", target=target
        )
    return text.lower() == "true"


def _end(tokens: Tokens) -> None:
    if tokens.next.kind != "end":
        tokens.reject("an operator", "the end")


_READERS: dict[str, Callable[[str, str, Budget], object]] = {
    "select": _selecting,
    "filter": _expression,
    "orderby": _ordering,
    "expand": _expanding,
    "top": lambda text, target, budget: _number(text, target),
    "skip": lambda text, target, budget: _number(text, target),
    "count": lambda text, target, budget: _truth(text, target),
    "skiptoken": lambda text, target, budget: text,
    "format": lambda text, target, budget: text,
}
