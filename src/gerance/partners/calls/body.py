"""Bodies of requests: JSON, forms and multipart in UTF-8, within limits."""

from typing import Any

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import parse_options_header

from gerance.kernel.errors import BadRequest, reject
from gerance.kernel.http.body import decode_body, read_aside, read_body
from gerance.kernel.http.endpoint import Call
from gerance.kernel.text import TextError, form_pairs, normal
from gerance.partners.calls.parts import read_parts

BODIES = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data")
MOST_BYTES = 131_072
MOST_PARAMETERS = 100

Parameters = dict[str, list[Any]]
"""The values of each parameter; several if it is repeated."""


async def read_parameters(call: Call) -> Parameters:
    """The parameters of the body.

    Raises Rejection: 413 for a body that is too long, 415 for another media type or a compressed
    body, 400 for a malformed body or too many parameters.
    """
    kind, options = parse_options_header(call.request.headers.get("content-type", ""))
    media_type = kind.decode("latin-1").strip().lower()
    _check_charset(options.get(b"charset", b"utf-8"))
    limit = min(call.settings.max_body_bytes, MOST_BYTES)
    body = await read_body(call.request, limit=limit, any_type=True)
    boundary = options.get(b"boundary", b"")
    pairs = await read_aside(len(body), lambda: _pairs(media_type, boundary, body))
    parameters: Parameters = {}
    for name, value in pairs:
        parameters.setdefault(name, []).append(value)
    return parameters


def _pairs(media_type: str, boundary: bytes, body: bytes) -> list[tuple[str, Any]]:
    if media_type in ("", "text/json", BODIES[0]):
        return _of_json(body)
    if media_type == BODIES[1]:
        return _of_form(body)
    if media_type == BODIES[2]:
        return _of_multipart(boundary, body)
    raise reject("UnsupportedMediaType", "of_partners", media_type=media_type[:80])


def _of_json(body: bytes) -> list[tuple[str, Any]]:
    try:
        parameters: dict[str, Any] = decode_body(dict[str, Any], body or b"{}")
    except BadRequest as error:
        raise reject("BadBody", "json", problem=error.message) from error
    _check_number(len(parameters))
    return list(parameters.items())


def _of_form(body: bytes) -> list[tuple[str, Any]]:
    _check_number(body.count(b"&") + 1)
    try:
        return list(form_pairs(body))
    except TextError as error:
        raise reject("BadBody", "form", problem=str(error)) from error


def _of_multipart(boundary: bytes, body: bytes) -> list[tuple[str, Any]]:
    if not 1 <= len(boundary) <= 70:
        raise reject("BadBody", "boundary")
    try:
        parts = read_parts(body, boundary, max_parts=MOST_PARAMETERS)
    except MultipartParseError as error:
        if str(error).endswith("."):
            raise reject("BadBody", "parts", problem=str(error)) from error
        raise reject("BadBody", "multipart") from error
    except UnicodeDecodeError as error:
        raise reject("BadBody", "part") from error
    _check_number(len(parts))
    return [(normal(name), normal(value)) for name, value in parts]


def _check_number(count: int) -> None:
    if count > MOST_PARAMETERS:
        raise reject("TooManyParameters", "body", most=MOST_PARAMETERS)


def _check_charset(charset: bytes) -> None:
    if charset.strip(b'" ').lower() not in (b"utf-8", b"utf8", b"us-ascii"):
        raise reject("BadBody", "charset")
