"""The envelope of answers: `{"response": 0, "text": "OK", ...}`, with 1 for errors."""

from typing import Any

import msgspec
from starlette.responses import Response

from gerance.kernel.errors import Rejection
from gerance.kernel.wire import encode


class AcceptedAnswer(msgspec.Struct):
    """Success. `redirect_to`: the page to which the campaign redirects the client."""

    response: int
    text: str
    redirect_to: str | None


class RejectedAnswer(msgspec.Struct):
    """An error. The text names each wrong parameter."""

    response: int
    text: str


class OlderAnswer(msgspec.Struct):
    """The older edition's envelope."""

    response_code: int
    response_text: str


def success(content: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
    """200 with more members after `response` and `text`."""
    return _json({"response": 0, "text": "OK", **content}, 200, headers)


def rejection(error: Rejection) -> Response:
    """A rejection in the envelope."""
    return _json({"response": 1, "text": error.message}, error.status, error.headers)


def older_success(headers: dict[str, str] | None = None) -> Response:
    """200 in the older edition's envelope."""
    return _json({"response_code": 0, "response_text": "OK"}, 200, headers)


def older_rejection(error: Rejection) -> Response:
    """A rejection in the older edition's envelope."""
    body = {"response_code": 1, "response_text": error.message}
    return _json(body, error.status, error.headers)


def _json(body: Any, status: int, headers: dict[str, str] | None) -> Response:
    return Response(encode(body), status, headers=headers, media_type="application/json")
