"""JSON values to values of a property: type, length, precision, allowed codes."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from math import isfinite
from typing import Any
from uuid import UUID

import msgspec

from gerance.kernel.odata.edm import Edm, Property
from gerance.kernel.odata.errors import Detail

_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_AS_SENT = msgspec.json.Encoder(decimal_format="number")


def value_of(declared: Property, given: Any) -> Any:
    """The Python value of a property. Raises ValueRefused, with the code and what is wrong."""
    name = declared.name
    if given is None:
        if not declared.nullable:
            raise InvalidValue("NullNotAllowed", f"{name} is never null.", name)
        return None
    value = _READERS[declared.type](given)
    if value is _WRONG:
        shown = _AS_SENT.encode(given).decode()[:60]
        raise InvalidValue(
            "WrongType", f"{name} is {declared.type.value.removeprefix('Edm.')}, got {shown}.", name
        )
    if isinstance(value, str):
        _check_text(declared, value)
    elif isinstance(value, Decimal):
        _check_decimal(declared, value)
    return value


class InvalidValue(Exception):
    """A value that does not fit its property."""

    def __init__(self, code: str, message: str, target: str) -> None:
        super().__init__(message)
        self.detail = Detail(code, message, target)


def _check_text(declared: Property, value: str) -> None:
    if "\x00" in value:
        raise InvalidValue("WrongType", f"{declared.name} has the character U+0000.", declared.name)
    if declared.required and not declared.code and not value.strip():
        message = f"{declared.name} is required, and has only blanks."
        raise InvalidValue("RequiredProperty", message, declared.name)
    length = len(value.rstrip(" ")) if declared.code else len(value)
    if declared.max_length is not None and length > declared.max_length:
        message = f"{declared.name} has at most {declared.max_length} characters, got {length}."
        raise InvalidValue("TooLong", message, declared.name)
    if declared.values and value.rstrip(" ") not in declared.values:
        codes = ", ".join(declared.values)
        message = f"{declared.name} is one of {codes}, not {value[:40]!r}."
        raise InvalidValue("UnknownCode", message, declared.name)


def _check_decimal(declared: Property, value: Decimal) -> None:
    if declared.precision is None or declared.scale is None:
        return
    # No arithmetic: that rounds to 28 digits, and fails where the exponent is large.
    _, digits, exponent = value.as_tuple()
    zeros = next((nth for nth, digit in enumerate(reversed(digits)) if digit), 0)
    behind = -zeros - exponent if isinstance(exponent, int) else 0
    whole = declared.precision - declared.scale
    if value and (behind > declared.scale or value.adjusted() >= whole):
        message = (
            f"{declared.name} has at most {whole} digits before its point and {declared.scale}"
            f" behind it, got {str(value)[:40]}."
        )
        raise InvalidValue("OutOfPrecision", message, declared.name)


_WRONG = object()


def _boolean(given: Any) -> Any:
    return given if isinstance(given, bool) else _WRONG


def _integer(bits: int) -> Callable[[Any], Any]:
    def read(given: Any) -> Any:
        if isinstance(given, str) and bits == 63 and re.fullmatch(r"-?\d{1,19}", given, re.ASCII):
            given = int(given)
        if isinstance(given, bool) or not isinstance(given, int | Decimal):
            return _WRONG
        # First its size: 1e9999999 has ten million digits once it is written out.
        if not -(2**bits) <= given < 2**bits:
            return _WRONG
        return int(given) if given == int(given) else _WRONG

    return read


def _decimal(given: Any) -> Any:
    if isinstance(given, str):
        try:
            given = Decimal(given)
        except InvalidOperation:
            return _WRONG
    if isinstance(given, bool) or not isinstance(given, int | Decimal):
        return _WRONG
    value = Decimal(given)
    return value if value.is_finite() else _WRONG


def _double(given: Any) -> Any:
    if isinstance(given, bool) or not isinstance(given, int | Decimal):
        return _WRONG
    value = float(given)
    return value if isfinite(value) else _WRONG


def _text(given: Any) -> Any:
    return given if isinstance(given, str) else _WRONG


def _guid(given: Any) -> Any:
    try:
        return UUID(given) if isinstance(given, str) and len(given) == 36 else _WRONG
    except ValueError:
        return _WRONG


def _date(given: Any) -> Any:
    try:
        return date.fromisoformat(given) if _DATE.fullmatch(given) else _WRONG
    except (TypeError, ValueError):
        return _WRONG


def _moment(given: Any) -> Any:
    try:
        moment = datetime.fromisoformat(given)
    except (TypeError, ValueError):
        return _WRONG
    return moment.astimezone(UTC) if moment.tzinfo is not None else _WRONG


_READERS: dict[Edm, Callable[[Any], Any]] = {
    Edm.BOOLEAN: _boolean,
    Edm.INT32: _integer(31),
    Edm.INT64: _integer(63),
    Edm.DECIMAL: _decimal,
    Edm.DOUBLE: _double,
    Edm.STRING: _text,
    Edm.GUID: _guid,
    Edm.DATE: _date,
    Edm.DATE_TIME_OFFSET: _moment,
    Edm.TIME_OF_DAY: _text,
    Edm.DURATION: _text,
}
