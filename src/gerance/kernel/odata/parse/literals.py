"""Literals: tokens to values."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

from gerance.kernel.odata.edm import Edm
from gerance.kernel.odata.errors import NotSupported, ODataRejection
from gerance.kernel.odata.parse.syntax import Constant
from gerance.kernel.odata.parse.tokens import Lexeme

_WORDS: dict[str, tuple[object, Edm | None]] = {
    "null": (None, None),
    "true": (True, Edm.BOOLEAN),
    "false": (False, Edm.BOOLEAN),
    "inf": (float("inf"), Edm.DOUBLE),
    "nan": (float("nan"), Edm.DOUBLE),
}
_DURATION = re.compile(
    r"([+-])?P(?:(\d{1,7})D)?(?:T(?:(\d{1,7})H)?(?:(\d{1,7})M)?(?:(\d{1,9}(?:\.\d{1,12})?)S)?)?"
)
_ABSENT = frozenset({"geography", "geometry", "binary", "x"})
_INT32, _INT64 = 2**31, 2**63


def constant(token: Lexeme, target: str) -> Constant | None:
    """The literal that a token is, or None when it is no literal.

    Raises ODataRejection when it looks like one and is none, like the date 2026-02-30.
    """
    if token.kind == "name":
        if (word := _WORDS.get(token.word)) is not None:
            return Constant(word[0], word[1], token.at)
        if not _is_duration(token.text):
            return None
        return Constant(duration(token.text), Edm.DURATION, token.at)
    read = _READERS.get(token.kind)
    if read is None:
        return None
    try:
        value, kind = read(token.text)
    except (ValueError, LookupError, ArithmeticError) as wrong:
        raise ODataRejection(
            "InvalidLiteral",
            f"{target}: the literal {token.text[:60]} is not valid ({wrong}).",
            target=target,
            position=token.at,
        ) from None
    return Constant(value, kind, token.at)


def _text(text: str) -> tuple[object, Edm]:
    value = text[1:-1].replace("''", "'")
    if "\x00" in value:
        raise ValueError("it has the character U+0000")
    return value, Edm.STRING


def _integer(text: str) -> tuple[object, Edm]:
    value = int(text) if len(text) < 40 else _INT64
    if value < _INT32:
        return value, Edm.INT32
    return (value, Edm.INT64) if value < _INT64 else (Decimal(text[:1000]), Edm.DECIMAL)


def _moment(text: str) -> tuple[object, Edm]:
    if len(text) < len("2026-01-15T09:00Z"):
        raise ValueError("a moment is written like 2026-01-15T09:00:00Z")
    day, clock, zone = text[:10], text[11:], "+00:00"
    if clock[-1] in "Zz":
        clock = clock[:-1]
    else:
        clock, zone = clock[:-6], clock[-6:].replace(" ", "+")
    clock, dot, fraction = clock.partition(".")
    moment = datetime.fromisoformat(f"{day}T{clock}{dot}{fraction[:6]:0<6}{zone}" if dot else
                                    f"{day}T{clock}{zone}")  # fmt: skip
    moment.astimezone(UTC)  # out of range where UTC has no such year
    return moment, Edm.DATE_TIME_OFFSET


def _time(text: str) -> tuple[object, Edm]:
    clock, dot, fraction = text.partition(".")
    return time.fromisoformat(f"{clock}.{fraction[:6]:0<6}" if dot else clock), Edm.TIME_OF_DAY


def _is_duration(text: str) -> bool:
    """Whether a name is a duration without prefix, as 4.01 writes it: `P400D`."""
    match = _DURATION.fullmatch(text)
    return match is not None and any(match.groups()[1:])


def duration(text: str) -> timedelta:
    """`P1DT2H` and the like. Raises ValueError."""
    match = _DURATION.fullmatch(text.upper())
    if match is None or not any(match.groups()[1:]):
        raise ValueError("a duration is written like P1DT2H30M")
    sign, days, hours, minutes, seconds = match.groups()
    span = timedelta(
        days=int(days or 0),
        hours=int(hours or 0),
        minutes=int(minutes or 0),
        seconds=float(seconds or 0),
    )
    return -span if sign == "-" else span


def _prefixed(text: str) -> tuple[object, Edm]:
    prefix, text_in_quotes = text.split("'", 1)
    inner = text_in_quotes[:-1]
    match prefix.lower():
        case "duration":
            return duration(inner), Edm.DURATION
        case "guid":
            return UUID(inner), Edm.GUID
        case "datetimeoffset" | "datetime":
            zoned = inner[-1:] in ("Z", "z") or inner[-6:-5] in ("+", "-", " ")
            return _moment(inner if zoned else f"{inner}Z")
        case _:
            if prefix.lower() in _ABSENT or "." in prefix:
                raise NotSupported(f"A literal of the kind {prefix[:40]}")
            raise ValueError(f"no literal begins with {prefix}")


_READERS: dict[str, Callable[[str], tuple[object, Edm]]] = {
    "text": _text,
    "integer": _integer,
    "decimal": lambda text: (Decimal(text), Edm.DECIMAL),
    "double": lambda text: (float(text), Edm.DOUBLE),
    "date": lambda text: (date.fromisoformat(text), Edm.DATE),
    "time": _time,
    "moment": _moment,
    "guid": lambda text: (UUID(text), Edm.GUID),
    "prefixed": _prefixed,
}
