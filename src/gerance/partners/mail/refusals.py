"""Rejections of messages."""

from gerance.kernel.errors import Refused


def unreadable(message: str) -> Refused:
    """The message is malformed."""
    return Refused("MailUnreadable", message)


def no_request(message: str) -> Refused:
    """The message is not a request."""
    return Refused("MailNotARequest", message)


def unknown_sender(message: str) -> Refused:
    """The sender is not registered for the partner."""
    return Refused("MailSenderUnknown", message)


def not_vouched_for(message: str) -> Refused:
    """The sender is not authenticated."""
    return Refused("MailNotSigned", message)
