"""Errors as the incident API's clients read them: `{"errorType": ..., "message": ...}`."""

from starlette.responses import Response

from gerance.kernel.errors import Rejection
from gerance.kernel.wire import encode


def problem(rejection: Rejection) -> Response:
    """The answer to a refused request: HTTP status, error code, a message that names what is
    wrong."""
    return Response(
        encode({"errorType": rejection.code, "message": rejection.message}),
        rejection.status,
        headers=rejection.headers,
        media_type="application/json",
    )
