"""Errors as the incident API's clients read them: `{"errorType": ..., "message": ...}`."""

from starlette.responses import Response

from gerance.kernel.errors import Refused
from gerance.kernel.wire import encode


def problem(refused: Refused) -> Response:
    """The answer to a refused request: HTTP status, error code, a message that names what is
    wrong."""
    return Response(
        encode({"errorType": refused.code, "message": refused.message}),
        refused.status,
        headers=refused.headers,
        media_type="application/json",
    )
