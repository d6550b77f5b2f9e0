"""The scalar types of the wire and the one JSON encoder and decoder of the product.

`SafeUUID`, `DateTime` and `LocalDate` are strings that are checked once, where they enter, and
carried on in one spelling: identifiers in lower case, moments with milliseconds and their own
offset. A value that does not fit raises `ValueError`; msgspec adds the path (`$.openedDate`).
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import cache, lru_cache
from typing import Any, TypeVar, get_args
from zoneinfo import ZoneInfo

import msgspec

T = TypeVar("T")

_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII)
_MOMENT = re.compile(
    r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::(\d\d)(?:[.,:](\d{1,9}))?)?(Z|z|[+-]\d\d:?\d\d)", re.ASCII
)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


class SafeUUID(str):
    """8-4-4-4-12 hexadecimal digits; version and variant bits are not looked at."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> "SafeUUID":
        if not _UUID.fullmatch(text):
            raise ValueError(
                f"Expected a UUID (8-4-4-4-12 hexadecimal digits), got {_describe(text)}"
            )
        return cls(text.lower())


class DateTime(str):
    """ISO 8601 with an offset, kept as it came but always with three digits of milliseconds.

    The reference also prints milliseconds behind a colon (`16:33:00:000`).
    """

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> "DateTime":
        match = _MOMENT.fullmatch(text)
        if match is None:
            raise ValueError(
                "Expected a date and time with offset like 2016-08-25T16:51:23.000+02:00, "
                f"got {_describe(text)}"
            )
        day, minutes, seconds, fraction, offset = match.groups()
        if len(offset) == 5:
            offset = f"{offset[:3]}:{offset[3:]}"
        canonical = f"{day}T{minutes}:{seconds or '00'}.{(fraction or '000'):0<3.3}{offset.upper()}"
        try:
            datetime.fromisoformat(canonical).astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise ValueError(f"{_describe(text)} is no moment: {error}") from error
        return cls(canonical)

    @classmethod
    def of(cls, moment: datetime) -> "DateTime":
        """The moment in UTC, e.g. 2016-05-26T08:18:52.000Z."""
        return cls(moment.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z")

    @property
    def moment(self) -> datetime:
        """In UTC: the database knows fewer offsets than clients may write."""
        return _moment(self)

    @property
    def utc(self) -> "DateTime":
        return self if self.endswith("Z") else _utc(self)


# A ticket's moments are looked at again with each of its commands.
@lru_cache(maxsize=16_384)
def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@lru_cache(maxsize=16_384)
def _utc(text: str) -> DateTime:
    return DateTime.of(datetime.fromisoformat(text))


def day_of(moment: datetime, zone: ZoneInfo) -> date:
    """The day it is in the zone; in the moment's own offset where the zone is already in the year
    10000, or still in the year 0. Clients write such moments for "never"."""
    try:
        return moment.astimezone(zone).date()
    except OverflowError:
        return moment.date()


class LocalDate(str):
    """A day, YYYY-MM-DD. A moment is taken as the day that it has in its own offset."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> "LocalDate":
        if _MOMENT.fullmatch(text):
            text = DateTime.parse(text)[:10]
        if not _DAY.fullmatch(text):
            raise ValueError(f"Expected a day like 2016-08-25, got {_describe(text)}")
        try:
            date.fromisoformat(text)
        except ValueError as error:
            raise ValueError(f"{_describe(text)} is no day: {error}") from error
        return cls(text)


class Siret(str):
    """14 digits with a valid Luhn sum; La Poste's own rule (SIREN 356000000) is known."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> "Siret":
        digits = text.replace(" ", "")
        if not re.fullmatch(r"\d{14}", digits, re.ASCII):
            raise ValueError(f"Expected a SIRET of 14 digits, got {_describe(text)}")
        if digits.startswith("356000000"):
            valid = sum(map(int, digits)) % 5 == 0 or _luhn(digits)
        else:
            valid = _luhn(digits)
        if not valid:
            raise ValueError(f"{_describe(text)} is no SIRET: its check digit is wrong")
        return cls(digits)


_SCALARS: tuple[type[SafeUUID] | type[DateTime] | type[LocalDate] | type[Siret], ...] = (
    SafeUUID,
    DateTime,
    LocalDate,
    Siret,
)


def _luhn(digits: str) -> bool:
    doubled = (int(d) * (1 + i % 2) for i, d in enumerate(reversed(digits)))
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


def _describe(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:57] + "...")


def _decode_scalar(kind: type, value: Any) -> Any:
    if kind in _SCALARS:
        if not isinstance(value, str):
            raise ValueError(f"Expected `str`, got `{type(value).__name__}`")
        return kind.parse(value)
    raise TypeError(f"{kind} is no type of the wire")


def schema_of_scalar(kind: type) -> dict[str, Any]:
    """The JSON Schema of a scalar type, for OpenAPI."""
    if kind is SafeUUID:
        return {
            "type": "string",
            "format": "uuid",
            "example": "17ab7b5b-b7ca-18f6-d5f3-3dfbcbaee1a2",
        }
    if kind is DateTime:
        return {"type": "string", "format": "date-time", "example": "2016-08-25T16:51:23.000+02:00"}
    if kind is LocalDate:
        return {"type": "string", "format": "date", "example": "2016-08-25"}
    if kind is Siret:
        return {"type": "string", "pattern": r"^\d{14}$", "example": "73282932000074"}
    raise TypeError(f"{kind} is no type of the wire")


# A scalar as the plain string it is; TypeError for what is no string.
_plain: Callable[[Any], str] = str.__str__

_encoder = msgspec.json.Encoder(enc_hook=_plain)
encode: Callable[[Any], bytes] = _encoder.encode


# Calls the type itself, without a Python function between: a stored ticket has many scalars.
_take_scalar: Callable[[Any, Any], Any] = type.__call__


@cache
def _trusting_decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind, dec_hook=_take_scalar)


@cache
def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind, dec_hook=_decode_scalar)


def decode(kind: type[T], data: bytes | str) -> T:
    """`data` as a value of `kind` (a type or a union of types).

    Raises msgspec.ValidationError (the message ends with the path), msgspec.DecodeError for what
    is no JSON, RecursionError for absurd nesting.
    """
    decoder: msgspec.json.Decoder[T] = _decoder(kind)  # type: ignore[arg-type]
    return decoder.decode(data)


def decode_own(kind: type[T], data: bytes | str) -> T:
    """What `encode` wrote of a `kind` earlier: its scalars were checked then."""
    decoder: msgspec.json.Decoder[T] = _trusting_decoder(kind)  # type: ignore[arg-type]
    return decoder.decode(data)


def convert(value: Any, kind: type[T]) -> T:
    """Plain dicts, lists and strings as a value of `kind`; errors as in `decode`."""
    return msgspec.convert(value, kind, dec_hook=_decode_scalar)


def tags(union: Any) -> frozenset[str]:
    """The names by which the messages of a union, or the one message, are known on the wire."""
    kinds = members(union) or (union,)
    return frozenset(str(kind.__struct_config__.tag) for kind in kinds)


def members(union: Any) -> tuple[type[msgspec.Struct], ...]:
    """The message types of a union."""
    return get_args(union)
