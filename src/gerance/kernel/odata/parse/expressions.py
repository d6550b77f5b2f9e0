"""Expressions: what `$filter` and `$orderby` say, by descent over the precedence of operators."""

from typing import Literal

from gerance.kernel.odata.edm import Edm
from gerance.kernel.odata.errors import LimitExceeded, NotSupported
from gerance.kernel.odata.parse.literals import constant
from gerance.kernel.odata.parse.syntax import (
    Alias,
    Binary,
    Call,
    Constant,
    CountOf,
    Expression,
    In,
    Logical,
    Name,
    Path,
    Quantified,
    Unary,
)
from gerance.kernel.odata.parse.tokens import Token, Tokens

MOST_NODES = 2000
DEEPEST = 60

# Weakest first; `and` and `or` stand before these.
_LEVELS: tuple[frozenset[str], ...] = (
    frozenset({"eq", "ne"}),
    frozenset({"gt", "ge", "lt", "le", "in", "has"}),
    frozenset({"add", "sub"}),
    frozenset({"mul", "div", "divby", "mod"}),
)
_OPERATORS = frozenset({"and", "or"}).union(*_LEVELS)
_NEEDED = ("a property", "a literal", "a function", "(")


class ExpressionParser:
    """Reads expressions from tokens; counts their nodes over all that it reads."""

    def __init__(self, tokens: Tokens) -> None:
        self.tokens = tokens
        self._nodes = 0
        self._depth = 0

    def expression(self) -> Expression:
        """A whole expression."""
        return self._logical("or")

    def _logical(self, operator: Literal["or", "and"]) -> Expression:
        first = self._logical("and") if operator == "or" else self._binary(0)
        if self.tokens.word() != operator:
            return first
        operands = [first]
        while self.tokens.word() == operator:
            self.tokens.take()
            operands.append(self._logical("and") if operator == "or" else self._binary(0))
        return Logical(operator, tuple(operands), first.at)

    def _binary(self, level: int) -> Expression:
        if level == len(_LEVELS):
            return self._unary()
        left = self._binary(level + 1)
        chained = 0
        while (operator := self.tokens.word()) in _LEVELS[level]:
            chained += 1
            self._bound(self._depth + chained)
            self.tokens.take()
            if operator == "in":
                left = In(left, self._items(), left.at)
            else:
                left = Binary(operator, left, self._binary(level + 1), left.at)
        return left

    def _unary(self) -> Expression:
        token = self.tokens.next
        self._nodes += 1
        if self._nodes > MOST_NODES:
            raise LimitExceeded(
                f"{self.tokens.target}: has more than {MOST_NODES} parts.",
                target=self.tokens.target,
            )
        self._depth += 1
        self._bound(self._depth)
        try:
            if token.kind == "sign" and token.text == "-":
                self.tokens.take()
                return _negated(self._unary(), token.at)
            if self.tokens.word() == "not" and not self._ends(self.tokens.after):
                self.tokens.take()
                return Unary("not", self._unary(), token.at)
            return self._primary()
        finally:
            self._depth -= 1

    def _primary(self) -> Expression:
        tokens = self.tokens
        token = tokens.next
        if tokens.accept("("):
            inner = self.expression()
            tokens.expect(")")
            return inner
        if (literal := constant(token, tokens.target)) is not None and not _is_step(tokens.after):
            tokens.take()
            return literal
        if token.kind != "name":
            tokens.refuse(*_NEEDED)
        if token.text.startswith("@"):
            tokens.take()
            return Alias(token.text, token.at)
        return self._path()

    def _path(self) -> Expression:
        tokens = self.tokens
        names: list[Name] = []
        while True:
            token = tokens.take()
            if _is_open(tokens.next):
                word = token.text.lower()
                if names and word in ("any", "all"):
                    return self._quantified("any" if word == "any" else "all", names)
                if names and word == "$count":
                    return self._count(names)
                absent = next((each.text for each in names if each.text.startswith("$")), word)
                if absent.startswith("$") or (not names and word == "case"):
                    raise NotSupported(absent[:40], target=tokens.target)
                if names:
                    tokens.refuse("/", "an operator")
                return Call(word, self._arguments(), token.at)
            if token.text.lower() == "$count" and names:
                return CountOf(Path(tuple(names)), None, names[0].at)
            names.append(Name(token.text, token.at))
            if not tokens.accept("/"):
                return Path(tuple(names))
            if tokens.next.kind != "name":
                tokens.refuse("a property", "$count", "any", "all")

    def _quantified(self, kind: Literal["any", "all"], names: list[Name]) -> Expression:
        tokens = self.tokens
        tokens.expect("(")
        at = names[0].at
        if kind == "any" and tokens.accept(")"):
            return Quantified(kind, Path(tuple(names)), None, None, at)
        if tokens.next.kind != "name":
            tokens.refuse("a variable")
        variable = tokens.take().text
        tokens.expect(":")
        predicate = self.expression()
        tokens.expect(")")
        return Quantified(kind, Path(tuple(names)), variable, predicate, at)

    def _count(self, names: list[Name]) -> Expression:
        """`$count($filter=...)`."""
        tokens = self.tokens
        tokens.expect("(")
        if tokens.word() in ("$search", "search"):
            raise NotSupported("$search", target=tokens.target)
        if tokens.word() not in ("$filter", "filter"):
            tokens.refuse("$filter")
        tokens.take()
        tokens.expect("=")
        condition = self.expression()
        tokens.expect(")")
        return CountOf(Path(tuple(names)), condition, names[0].at)

    def _arguments(self) -> tuple[Expression, ...]:
        self.tokens.expect("(")
        if self.tokens.accept(")"):
            return ()
        return self._until_closed()

    def _items(self) -> tuple[Expression, ...]:
        """The list after `in`."""
        if self.tokens.word().startswith("@"):
            raise NotSupported("A list by an alias", target=self.tokens.target)
        self.tokens.expect("(")
        if self.tokens.accept(")"):
            return ()
        return self._until_closed()

    def _until_closed(self) -> tuple[Expression, ...]:
        found = [self.expression()]
        while self.tokens.accept(","):
            found.append(self.expression())
        self.tokens.expect(")")
        return tuple(found)

    def _bound(self, depth: int) -> None:
        if depth > DEEPEST:
            raise LimitExceeded(
                f"{self.tokens.target}: is nested more than {DEEPEST} deep.",
                target=self.tokens.target,
            )

    @staticmethod
    def _ends(token: Token) -> bool:
        """Nothing follows that a `not` could apply to: then it is a property called so."""
        return (
            token.kind == "end"
            or (token.kind == "sign" and token.text in "),/=;")
            or (token.kind == "name" and token.text.lower() in _OPERATORS)
        )


def _negated(operand: Expression, at: int) -> Expression:
    if isinstance(operand, Constant) and operand.type in _NUMBERS:
        value = operand.value
        assert not isinstance(value, str | bool)
        return Constant(-value, operand.type, at)  # type: ignore[operator]
    return Unary("-", operand, at)


_NUMBERS = frozenset({Edm.INT32, Edm.INT64, Edm.DECIMAL, Edm.DOUBLE})


def _is_open(token: Token) -> bool:
    return token.kind == "sign" and token.text == "("


def _is_step(token: Token) -> bool:
    return token.kind == "sign" and token.text == "/"
