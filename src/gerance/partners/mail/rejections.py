"""Rejections of messages."""

from gerance.kernel.errors import Rejection


def unreadable(message: str) -> Rejection:
    """The message is malformed."""
    return Rejection("MailUnreadable", message)


def no_request(message: str) -> Rejection:
    """The message is not a request."""
    return Rejection("MailNotARequest", message)


def unknown_sender(message: str) -> Rejection:
    """The sender is not registered for the partner."""
    return Rejection("MailSenderUnknown", message)


def not_vouched_for(message: str) -> Rejection:
    """The sender is not authenticated."""
    return Rejection("MailNotSigned", message)
