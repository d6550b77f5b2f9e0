"""Why a message is not taken."""

from gerance.kernel.errors import Refused


def unreadable(message: str) -> Refused:
    """It is no message that could be read."""
    return Refused("MailUnreadable", message)


def no_request(message: str) -> Refused:
    """It can be read, and asks for nothing that is known here."""
    return Refused("MailNotARequest", message)
