"""Accept and Accept-Language: the values that a client accepts, with their qualities (RFC 9110,
12.5)."""

from collections.abc import Mapping
from typing import NamedTuple

MOST_VALUES = 64
"""Values of one header that are read; further ones are ignored."""


class AcceptedValue(NamedTuple):
    """`name`: a media range or a language, in lower case; `parameters`: in lower case, without
    quotation marks."""

    name: str
    quality: float
    parameters: Mapping[str, str]


def accepted_values(header: str) -> list[AcceptedValue]:
    """The values of a header, in its order. A quality that is not a number is 0."""
    values = []
    for part in header.lower().split(",", MOST_VALUES)[:MOST_VALUES]:
        name, *pairs = (piece.strip() for piece in part.split(";"))
        parameters = {
            key.strip(): value.strip().strip('"')
            for key, _, value in (pair.partition("=") for pair in pairs)
        }
        try:
            quality = float(parameters.get("q", "1"))
        except ValueError:
            quality = 0.0
        values.append(AcceptedValue(name, quality, parameters))
    return values


def media_quality(header: str, media_type: str) -> float:
    """The quality of a media type by the nearest range of the header; 0 when none has it."""
    qualities = {value.name: value.quality for value in accepted_values(header)}
    for name in (media_type, f"{media_type.partition('/')[0]}/*", "*/*"):
        if name in qualities:
            return qualities[name]
    return 0.0
