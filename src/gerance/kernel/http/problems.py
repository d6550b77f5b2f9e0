"""Errors as the incident API's clients read them: `{"errorType": ..., "message": ...}`."""

from starlette.responses import Response

from gerance.kernel.errors import Refused
from gerance.kernel.wire import encode


def problem(refused: Refused) -> Response:
    """The answer to a refused request."""
    return problem_response(refused.status, refused.code, refused.message, refused.headers)


def problem_response(
    status: int, code: str, message: str, headers: dict[str, str] | None = None
) -> Response:
    """An error answer: HTTP status, error code, a message that names what is wrong."""
    return Response(
        encode({"errorType": code, "message": message}),
        status,
        headers=headers,
        media_type="application/json",
    )
