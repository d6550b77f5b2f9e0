"""Rejections: what a client reads when a request cannot be executed.

Every rejection has a code of the catalogue; the catalogue gives its status and its texts.
"""

from gerance.kernel.errors.catalogue import CATALOGUE, ErrorCode, Language

__all__ = [
    "CATALOGUE",
    "MOST_PROBLEMS",
    "BadRequest",
    "CommandAlreadySent",
    "ErrorCode",
    "Forbidden",
    "Language",
    "NotFound",
    "Rejection",
    "Unauthenticated",
    "UnknownErrorCode",
    "look_up",
    "reject",
]

MOST_PROBLEMS = 20
"""Problems that one answer names at most; a client fixes these and sends its request again."""


class UnknownErrorCode(LookupError):
    """A code that is not in the catalogue, or a status that the code does not have there."""


def look_up(code: str) -> ErrorCode:
    """The entry of a code. Raises UnknownErrorCode."""
    entry = CATALOGUE.get(code)
    if entry is None:
        raise UnknownErrorCode(f"{code} is not in the error catalogue. Add it to its file.")
    return entry


class Rejection(Exception):
    """A request that is rejected, with a code that clients may rely on.

    `code`: the published error code; `message`: names what is wrong, in English; the catalogue adds
    what to do; without it, the text of the catalogue; `french`: a message of its own in French,
    then both say what to do; `status`: where the catalogue has several for the code; `headers`:
    further headers of the answer, e.g. Retry-After. Raises UnknownErrorCode.
    """

    def __init__(
        self,
        code: str,
        message: str | None = None,
        *,
        status: int | None = None,
        headers: dict[str, str] | None = None,
        french: str | None = None,
    ) -> None:
        entry = look_up(code)
        self.code = code
        if message is None:
            message = entry.text("en")
        elif french is None:
            message = entry.explained(message)
        self.message = message
        self.french = french
        self.status = status or (entry.status[0] if entry.status else 400)
        self.headers = headers or {}
        if status and status not in entry.status:
            raise UnknownErrorCode(f"{code} has no status {status} in the error catalogue.")
        super().__init__(self.message)

    def text(self, language: Language) -> str:
        """The message in a language. French has the text of the catalogue where the message has no
        French form; a code with many causes quotes the English message then."""
        if language == "en":
            return self.message
        if self.french is not None:
            return self.french
        entry = CATALOGUE[self.code]
        if entry.generic and self.message != entry.text("en"):
            return f"{entry.french} ({self.message})"
        return entry.text("fr")


def reject(
    code: str,
    case: str,
    *,
    status: int | None = None,
    headers: dict[str, str] | None = None,
    **values: object,
) -> Rejection:
    """The rejection with the texts of a case of the catalogue, in English and French, filled with
    values. Raises UnknownErrorCode for a code or case that is not there, KeyError without a value.
    """
    entry = look_up(code)
    wording = entry.cases.get(case)
    if wording is None:
        raise UnknownErrorCode(f"{code} has no case {case} in the error catalogue.")
    english = entry.explained(wording.filled("en", values))
    french = entry.explained(wording.filled("fr", values), "fr")
    return Rejection(code, english, french=french, status=status, headers=headers)


class CommandAlreadySent(Rejection):
    """The same processUid was accepted before for the same aggregate."""

    def __init__(self, process_uid: str) -> None:
        super().__init__(
            "CommandAlreadySent",
            f"The command {process_uid} was already accepted for this aggregate.",
        )


class Forbidden(Rejection):
    """The principal does not have the right."""

    def __init__(self, message: str, *, french: str | None = None) -> None:
        super().__init__("Forbidden", message, french=french)


class Unauthenticated(Rejection):
    """No session, or an expired one."""

    def __init__(self, message: str = "This session is unknown or has expired. Log in.") -> None:
        super().__init__("Unauthorized", message)


class NotFound(Rejection):
    """The resource does not exist, or the principal may not see it."""

    def __init__(self, message: str, *, french: str | None = None) -> None:
        super().__init__("NotFound", message, french=french)


class BadRequest(Rejection):
    """A request that does not fit its description; the message names the place."""

    def __init__(
        self, message: str, *, code: str = "BadRequest", french: str | None = None
    ) -> None:
        super().__init__(code, message, french=french)
