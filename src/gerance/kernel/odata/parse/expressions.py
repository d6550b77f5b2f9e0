"""Expressions: what `$filter` and `$orderby` say, by descent over the precedence of operators."""

from typing import Literal, NoReturn

from gerance.kernel.odata.edm import Edm
from gerance.kernel.odata.errors import LimitExceeded, NotSupported
from gerance.kernel.odata.parse.literals import constant
from gerance.kernel.odata.parse.syntax import (
    Alias,
    Binary,
    Constant,
    CountOf,
    Expression,
    FunctionCall,
    In,
    Logical,
    Name,
    Path,
    Quantified,
    Unary,
)
from gerance.kernel.odata.parse.tokens import Lexeme, Tokens

MOST_NODES = 2000
MOST_ITEMS = 1000
MOST_STEPS = 50
DEEPEST = 60

# How strongly an operator binds; `and` and `or` are weaker than all of these.
_LEVELS = {
    operator: level
    for level, operators in enumerate(
        ("eq ne", "gt ge lt le in has", "add sub", "mul div divby mod")
    )
    for operator in operators.split()
}
_STRONGEST = max(_LEVELS.values())
_OPERATORS = frozenset({"and", "or", *_LEVELS})
_OPERANDS = ("a property", "a literal", "a function", "(")


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
        if self.tokens.next.word != operator:
            return first
        operands = [first]
        while self.tokens.next.word == operator:
            self.tokens.take()
            operands.append(self._logical("and") if operator == "or" else self._binary(0))
        return Logical(operator, tuple(operands), first.at)

    def _binary(self, weakest: int) -> Expression:
        """Operands and operators, none of which binds more weakly than `weakest`."""
        left = self._unary()
        operators, strongest = 0, _STRONGEST
        while weakest <= (level := _LEVELS.get(self.tokens.next.word, -1)) <= strongest:
            strongest = level
            operators += 1
            self._check_limits(operators)
            operator = self.tokens.take().text.lower()
            if operator == "in":
                left = In(left, self._items(), left.at)
            else:
                left = Binary(operator, left, self._binary(level + 1), left.at)
        return left

    def _unary(self) -> Expression:
        token = self.tokens.next
        self._nodes += 1
        self._depth += 1
        if self._nodes > MOST_NODES or self._depth > DEEPEST:
            self._check_limits()
        try:
            if token.kind == "sign" and token.text == "-":
                self.tokens.take()
                return _negated(self._unary(), token.at)
            if token.text == "+" and self.tokens.after.kind in _NUMBER_TOKENS:
                self.tokens.take()
            if self.tokens.next.word == "not" and not self._ends(self.tokens.after):
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
            tokens.reject(*_OPERANDS)
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
                if "." in word and not word.startswith("geo."):
                    raise NotSupported(f"The function {token.text[:40]}", target=tokens.target)
                if names:
                    tokens.reject("/", "an operator")
                return FunctionCall(word, self._arguments(), token.at)
            if token.text.lower() == "$count" and names:
                return CountOf(Path(tuple(names)), None, names[0].at)
            names.append(Name(token.text, token.at))
            if len(names) > MOST_STEPS:
                self._exceeded(f"has a path of more than {MOST_STEPS} steps")
            if not tokens.accept("/"):
                return Path(tuple(names))
            if tokens.next.kind != "name":
                tokens.reject("a property", "$count", "any", "all")

    def _quantified(self, kind: Literal["any", "all"], names: list[Name]) -> Expression:
        tokens = self.tokens
        tokens.expect("(")
        at = names[0].at
        if kind == "any" and tokens.accept(")"):
            return Quantified(kind, Path(tuple(names)), None, None, at)
        if tokens.next.kind != "name":
            tokens.reject("a variable")
        variable = tokens.take().text
        tokens.expect(":")
        predicate = self.expression()
        tokens.expect(")")
        return Quantified(kind, Path(tuple(names)), variable, predicate, at)

    def _count(self, names: list[Name]) -> Expression:
        """`$count($filter=...)`."""
        tokens = self.tokens
        tokens.expect("(")
        if tokens.next.word in ("$search", "search"):
            raise NotSupported("$search", target=tokens.target)
        if tokens.next.word not in ("$filter", "filter"):
            tokens.reject("$filter")
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
        if self.tokens.next.word.startswith("@"):
            raise NotSupported("A list by an alias", target=self.tokens.target)
        self.tokens.expect("(")
        if self.tokens.accept(")"):
            return ()
        return self._until_closed()

    def _until_closed(self) -> tuple[Expression, ...]:
        items = [self._item()]
        while self.tokens.accept(","):
            if len(items) == MOST_ITEMS:
                self._exceeded(f"has a list of more than {MOST_ITEMS} items")
            items.append(self._item())
        self.tokens.expect(")")
        return tuple(items)

    def _item(self) -> Expression:
        """An item of a list. Most are literals, which need no descent over the operators."""
        after = self.tokens.after
        if after.kind == "sign" and after.text in ",)":
            literal = constant(self.tokens.next, self.tokens.target)
            if literal is not None:
                self._nodes += 1
                self._check_limits()
                self.tokens.take()
                return literal
        return self.expression()

    def _check_limits(self, operators: int = 0) -> None:
        """Raises LimitExceeded. `operators`: those of a chain, each of which nests once more."""
        if self._nodes > MOST_NODES:
            self._exceeded(f"has more than {MOST_NODES} parts")
        if self._depth + operators > DEEPEST:
            self._exceeded(f"is nested more than {DEEPEST} deep")

    def _exceeded(self, what: str) -> NoReturn:
        target = self.tokens.target
        raise LimitExceeded(f"{target}: {what}.", target=target)

    @staticmethod
    def _ends(token: Lexeme) -> bool:
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


_NUMBER_TOKENS = frozenset({"integer", "decimal", "double"})
_NUMBERS = frozenset({Edm.INT32, Edm.INT64, Edm.DECIMAL, Edm.DOUBLE})


def _is_open(token: Lexeme) -> bool:
    return token.kind == "sign" and token.text == "("


def _is_step(token: Lexeme) -> bool:
    return token.kind == "sign" and token.text == "/"
