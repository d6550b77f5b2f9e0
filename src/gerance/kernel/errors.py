"""Refusals: what a client is told when it asked for something that cannot be."""

MOST_PROBLEMS = 20
"""Problems that one answer names at most; a client fixes these and sends its request again."""


class Refused(Exception):
    """A request that is refused, with a code that clients may rely on.

    `code`: the published error code; `message`: names what is wrong; `status`: the HTTP status;
    `headers`: further headers of the answer, e.g. Retry-After.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        status: int = 400,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.headers = headers or {}


class CommandAlreadySent(Refused):
    """The same processUid was accepted before for the same aggregate."""

    def __init__(self, process_uid: str) -> None:
        super().__init__(
            "CommandAlreadySent",
            f"The command {process_uid} was already accepted for this aggregate.",
        )


class Forbidden(Refused):
    """Known, but without the right."""

    def __init__(self, message: str) -> None:
        super().__init__("Forbidden", message, status=403)


class Unauthenticated(Refused):
    """No session, or one that is over."""

    def __init__(self, message: str = "Log in first: this session is unknown or over.") -> None:
        super().__init__("Unauthorized", message, status=401)


class NotFound(Refused):
    """Nothing there, or nothing that this user may see."""

    def __init__(self, message: str) -> None:
        super().__init__("NotFound", message, status=404)


class BadRequest(Refused):
    """A request that does not fit its description; the message names the place."""

    def __init__(self, message: str, *, code: str = "BadRequest") -> None:
        super().__init__(code, message)
