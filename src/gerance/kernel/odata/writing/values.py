"""JSON values of properties as Python values, checked: type, length, precision, allowed codes."""

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


def value_of(property_: Property, raw: Any) -> Any:
    """The Python value of a property. Raises InvalidValue, with the code and what is wrong."""
    name = property_.name
    if raw is None:
        if not property_.nullable:
            raise InvalidValue("NullNotAllowed", f"{name} must not be null.", name)
        return None
    value = _READERS[property_.type](raw)
    if value is _WRONG:
        text = _AS_SENT.encode(raw).decode()[:60]
        raise InvalidValue(
            "WrongType",
            f"{name} must be {property_.type.value.removeprefix('Edm.')} (got {text}).",
            name,
        )
    if isinstance(value, str):
        _check_text(property_, value)
    elif isinstance(value, Decimal):
        _check_decimal(property_, value)
    return value


class InvalidValue(Exception):
    """A value that does not fit its property."""

    def __init__(self, code: str, message: str, target: str) -> None:
        super().__init__(message)
        self.detail = Detail(code, message, target)


def _check_text(property_: Property, value: str) -> None:
    if "\x00" in value:
        raise InvalidValue(
            "WrongType", f"{property_.name} must not contain the character U+0000.", property_.name
        )
    if property_.required and not property_.code and not value.strip():
        message = f"{property_.name} is required and must not be blank."
        raise InvalidValue("RequiredProperty", message, property_.name)
    length = len(value.rstrip(" ")) if property_.code else len(value)
    if property_.max_length is not None and length > property_.max_length:
        message = (
            f"{property_.name} must have at most {property_.max_length} characters (got {length})."
        )
        raise InvalidValue("TooLong", message, property_.name)
    if property_.values and value.rstrip(" ") not in property_.values:
        codes = ", ".join(property_.values)
        message = f"{property_.name} must be one of {codes} (got {value[:40]!r})."
        raise InvalidValue("UnknownCode", message, property_.name)


def _check_decimal(property_: Property, value: Decimal) -> None:
    if property_.precision is None or property_.scale is None:
        return
    # No arithmetic: that rounds to 28 digits, and fails where the exponent is large.
    _, digits, exponent = value.as_tuple()
    zeros = next((nth for nth, digit in enumerate(reversed(digits)) if digit), 0)
    behind = -zeros - exponent if isinstance(exponent, int) else 0
    integers = property_.precision - property_.scale
    if value and (behind > property_.scale or value.adjusted() >= integers):
        message = (
            f"{property_.name} must have at most {integers} digits before its decimal point and"
            f" {property_.scale} after it (got {str(value)[:40]})."
        )
        raise InvalidValue("OutOfPrecision", message, property_.name)


_WRONG = object()


def _boolean(raw: Any) -> Any:
    return raw if isinstance(raw, bool) else _WRONG


def _integer(bits: int) -> Callable[[Any], Any]:
    def read(raw: Any) -> Any:
        if isinstance(raw, str) and bits == 63 and re.fullmatch(r"-?\d{1,19}", raw, re.ASCII):
            raw = int(raw)
        if isinstance(raw, bool) or not isinstance(raw, int | Decimal):
            return _WRONG
        # First its size: 1e9999999 has ten million digits once it is written out.
        if not -(2**bits) <= raw < 2**bits:
            return _WRONG
        return int(raw) if raw == int(raw) else _WRONG

    return read


def _decimal(raw: Any) -> Any:
    if isinstance(raw, str):
        try:
            raw = Decimal(raw)
        except InvalidOperation:
            return _WRONG
    if isinstance(raw, bool) or not isinstance(raw, int | Decimal):
        return _WRONG
    value = Decimal(raw)
    return value if value.is_finite() else _WRONG


def _double(raw: Any) -> Any:
    if isinstance(raw, bool) or not isinstance(raw, int | Decimal):
        return _WRONG
    try:
        value = float(raw)
    except OverflowError:
        return _WRONG
    return value if isfinite(value) else _WRONG


def _text(raw: Any) -> Any:
    return raw if isinstance(raw, str) else _WRONG


def _guid(raw: Any) -> Any:
    try:
        return UUID(raw) if isinstance(raw, str) and len(raw) == 36 else _WRONG
    except ValueError:
        return _WRONG


def _date(raw: Any) -> Any:
    try:
        return date.fromisoformat(raw) if _DATE.fullmatch(raw) else _WRONG
    except (TypeError, ValueError):
        return _WRONG


def _moment(raw: Any) -> Any:
    try:
        moment = datetime.fromisoformat(raw)
        return moment.astimezone(UTC) if moment.tzinfo is not None else _WRONG
    except (TypeError, ValueError, OverflowError):
        return _WRONG


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
