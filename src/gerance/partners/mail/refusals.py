"""Why a message is not taken."""

from gerance.kernel.errors import Refused


def unreadable(message: str) -> Refused:
    """It is no message that could be read."""
    return Refused("MailUnreadable", message)


def no_request(message: str) -> Refused:
    """It can be read, and asks for nothing that is known here."""
    return Refused("MailNotARequest", message)


def unknown_sender(message: str) -> Refused:
    """Who sent it may not ask for that partner."""
    return Refused("MailSenderUnknown", message)


def not_vouched_for(message: str) -> Refused:
    """Nothing shows that its sender sent it."""
    return Refused("MailNotSigned", message)
