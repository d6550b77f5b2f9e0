"""Validates the headers that a subscriber adds to each delivery.

Error texts contain names and never values, which are often secrets.
"""

import re
from collections.abc import Iterable, Mapping

from gerance.kernel.errors import BadRequest

MOST_HEADERS = 20
MOST_BYTES = 8192
"""Of all names and values together, with the four characters `: ` and CR LF of each."""

FORBIDDEN: frozenset[str] = frozenset(
    {
        "accept-encoding",
        "connection",
        "date",
        "expect",
        "forwarded",
        "host",
        "http2-settings",
        "keep-alive",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "user-agent",
        "via",
        "x-real-ip",
    }
)
"""Names, in lower case, that the engine sets itself or that belong to connections (RFC 9110,
7.6.1) or to the proxies on the way."""

FORBIDDEN_BEGINNINGS = ("content-", "gerance-", "proxy-", "sec-", "webhook-", "x-forwarded-")
"""Beginnings of names, in lower case, that are forbidden as well."""

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\x21-\x7e]([\x20-\x7e\t]*[\x21-\x7e])?|")


def parse_headers(text: str | None) -> tuple[tuple[str, str], ...]:
    """The headers of "name:value;name2:value2" (reference/002, webhooks); none for "" and None.

    A value cannot have a semicolon. Blanks around names and values do not count, nor do empty
    parts. Raises BadRequest that names the header, or its place when it has no readable name.
    """
    if text is None:
        return ()
    if len(text) > MOST_BYTES:
        raise BadRequest(f"ResponseHeaders: longer than {MOST_BYTES} characters.")
    pairs = []
    for place, part in enumerate(text.split(";"), start=1):
        name, colon, value = part.partition(":")
        if colon:
            pairs.append((name.strip(" \t"), value.strip(" \t")))
        elif part.strip(" \t"):
            raise BadRequest(
                f"ResponseHeaders: part {place} has no colon; it is name:value;name2:value2,"
                " and a value cannot have a semicolon."
            )
    return _check(pairs, "ResponseHeaders")


def check_headers(pairs: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The headers of a JSON object, in its order; raises BadRequest as `parse_headers` does."""
    return _check(((name, value.strip(" \t")) for name, value in pairs.items()), "Headers")


def _check(pairs: Iterable[tuple[str, str]], member: str) -> tuple[tuple[str, str], ...]:
    headers: dict[str, tuple[str, str]] = {}
    size = 0
    for place, (name, value) in enumerate(pairs, start=1):
        lower = name.lower()
        if place > MOST_HEADERS:
            raise BadRequest(f"{member}: more than {MOST_HEADERS}.")
        if not _TOKEN.fullmatch(name):
            raise BadRequest(
                f"{member}: the name of number {place} is empty or has a character other than"
                " letters, digits and !#$%&'*+-.^_`|~."
            )
        size += len(name) + len(value) + 4
        if size > MOST_BYTES:
            raise BadRequest(f"{member}: more than {MOST_BYTES} bytes together.")
        if lower in FORBIDDEN or lower.startswith(FORBIDDEN_BEGINNINGS):
            raise BadRequest(f"{member}: {name} is set by the server and cannot be changed.")
        if lower in headers:
            raise BadRequest(f"{member}: {name} is given more than once.")
        if not _VALUE.fullmatch(value):
            raise BadRequest(
                f"{member}: the value of {name} has a character other than visible ASCII,"
                " blanks and tabs."
            )
        headers[lower] = name, value
    return tuple(headers.values())
