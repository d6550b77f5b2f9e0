"""Where a client may go on: a campaign's address with the client's codes put into it."""

import re
from urllib.parse import quote, urlsplit

from gerance.kernel.errors import Rejection

NAMES = ("client_id", "partner_code", "campaign_code", "source")
"""What may stand in braces in a template."""

_PLACE = re.compile(r"\{([^{}]*)\}")
_LONGEST = 2000


def check_template(template: str) -> str:
    """A template as it is kept. Raises Rejection (`RedirectRefused`), saying what is wrong."""
    if (
        len(template) > _LONGEST
        or not template.isascii()
        or re.search(r"[\x00-\x20\x7f]", template)
    ):
        raise _rejection(f"it has at most {_LONGEST} characters, in ASCII, without blanks")
    try:
        parts = urlsplit(template)
        host = parts.hostname
    except ValueError:
        host = None
    if host is None or parts.scheme != "https" or "{" in parts.netloc:
        raise _rejection("it starts with https:// and a host")
    unknown = [name for name in _PLACE.findall(template) if name not in NAMES]
    if unknown or set(_PLACE.sub("", template)) & set("{}"):
        allowed = ", ".join(f"{{{name}}}" for name in NAMES)
        raise _rejection(f"in braces there may be {allowed}")
    return template


def redirect_to(template: str, **values: str | None) -> str:
    """The address for a client; values are percent-encoded, what has none is empty."""
    return _PLACE.sub(lambda place: quote(values.get(place[1]) or "", safe=""), template)


def _rejection(why: str) -> Rejection:
    return Rejection("RedirectRefused", f"The template of the redirection is not valid: {why}.")
