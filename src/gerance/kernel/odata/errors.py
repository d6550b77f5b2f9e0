"""Errors as OData clients read them: `{"error": {"code", "message", "target", "innererror"}}`."""

from typing import Any, NamedTuple

from starlette.responses import Response

from gerance.kernel.errors import Rejection, look_up
from gerance.kernel.wire import encode


class Detail(NamedTuple):
    """One of several things that are wrong: code, message, property."""

    code: str
    message: str
    target: str | None


class ODataRejection(Rejection):
    """A refused OData request. `target`: the option, property or segment that is wrong; for syntax
    `position`, the character of `target`'s text where it is wrong, counted from 0, and `expected`,
    what could have stood there; `details`: all that is wrong with a body."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        target: str | None = None,
        position: int | None = None,
        expected: tuple[str, ...] = (),
        details: tuple[Detail, ...] = (),
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(code, message, headers=headers)
        self.details = tuple(
            each._replace(message=look_up(each.code).explained(each.message)) for each in details
        )
        self.target = target
        self.position = position
        self.expected = expected


class NotSupported(ODataRejection):
    """Part of the standard, but not of this service: 501, never a wrong answer."""

    def __init__(self, what: str, *, target: str | None = None) -> None:
        super().__init__(
            "NotImplemented", f"{what} is not supported by this service.", target=target
        )


class LimitExceeded(ODataRejection):
    """The question costs more than a limit of the service allows."""

    def __init__(
        self, message: str, *, target: str | None = None, position: int | None = None
    ) -> None:
        super().__init__("LimitExceeded", message, target=target, position=position)


def error_body(rejection: Rejection) -> bytes:
    """The body of the answer to a refused request."""
    error: dict[str, Any] = {"code": rejection.code, "message": rejection.message}
    if isinstance(rejection, ODataRejection):
        if rejection.target is not None:
            error["target"] = rejection.target
        if rejection.details:
            error["details"] = [each._asdict() for each in rejection.details]
        if rejection.position is not None:
            error["innererror"] = {
                "position": rejection.position,
                "expected": list(rejection.expected),
            }
    return encode({"error": error})


def error_response(rejection: Rejection) -> Response:
    """The answer to a refused request."""
    return Response(
        error_body(rejection),
        rejection.status,
        headers={**rejection.headers, "OData-Version": "4.0", "Content-Language": "en"},
        media_type="application/json",
    )
