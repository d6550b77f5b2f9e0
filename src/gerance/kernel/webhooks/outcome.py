"""The outcome of a request: a code for programs, a line for people."""

import ssl
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import aiohttp
import msgspec

from gerance.kernel.webhooks.guard import ForbiddenTarget

LONGEST_RETRY_AFTER = 86_400.0


class RequestOutcome(msgspec.Struct, frozen=True):
    """What came of one call.

    `status`: of HTTP; None when no whole head of an answer came. `failure`: None for 2xx that
    was read to its end or to 64 KiB, else "status", "redirect" (any 3xx), "timeout",
    "refused-target", "connection", "tls" or "protocol". `detail`: one line for people, without
    secrets. `body`: what was kept. `retry_after`: seconds asked for, 0 to 86,400. `duration`:
    seconds.
    """

    status: int | None
    failure: str | None
    detail: str
    body: bytes
    retry_after: float | None
    duration: float


def retry_after(value: str, now: datetime) -> float | None:
    """Seconds to wait from `now` on, 0 to 86,400 (RFC 9110, 10.2.3); None for what is neither a
    number of seconds nor a date.
    """
    value = value.strip()
    if value.isascii() and value.isdigit():
        return min(float(value[:20]), LONGEST_RETRY_AFTER)
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return min(max((moment - now).total_seconds(), 0.0), LONGEST_RETRY_AFTER)


def status_failure(status: int) -> tuple[str | None, str]:
    """Failure, if it is one, and line for the status of an answer."""
    if 200 <= status < 300:
        return None, f"The endpoint answered {status}."
    if 300 <= status < 400:
        return "redirect", f"The endpoint answered {status}: redirects are not followed."
    return "status", f"The endpoint answered {status}."


def failure_of(error: Exception, timeout: float) -> tuple[str, str]:
    """Code and line for what ended a call: nothing that the other side wrote is in it."""
    match error:
        case ForbiddenTarget():
            return "refused-target", str(error)
        case TimeoutError():
            return "timeout", f"No whole answer within {timeout:g} s."
        case aiohttp.ClientConnectorCertificateError(certificate_error=cause):
            reason = getattr(cause, "verify_message", "") or "it does not fit"
            return "tls", f"The certificate is not accepted: {reason}."
        case aiohttp.ClientSSLError() | ssl.SSLError():
            return "tls", "No TLS connection could be agreed on."
        case aiohttp.ClientConnectorDNSError():
            return "connection", "The name of the host does not resolve."
        case aiohttp.ClientConnectorError():
            return "connection", f"No connection: {error.strerror or 'refused'}."
        case aiohttp.ServerDisconnectedError() | aiohttp.ClientOSError():
            return "connection", "The connection was closed before the answer."
        case aiohttp.ClientPayloadError():
            return "connection", "The answer ended before its end."
        case aiohttp.ClientResponseError():
            return "protocol", "What was answered is not HTTP, or its head is too large."
        case _:
            return "connection", "The connection failed."
