"""URLs in one spelling.

The incident API matches the names of resources without case, and knows one of them by an older
name; its paths, and those of tokens, webhooks, the billing run and partners, are brought to one
spelling before routing. URLs that differ in their percent-encoding only are one (RFC 3986, 6.2.2).
"""

import re
from urllib.parse import quote, unquote_to_bytes

_WITHOUT_CASE = re.compile(
    r"/api/(?:(?:v1|vevent|webhooks|billing)(?:/|$)|(?:token|subscribe|unsubscribe)/?$)",
    re.IGNORECASE,
)
_PARTNERS = re.compile(r"/(?:v1|users)(?:/|$)")
_SLASHES = re.compile("/{2,}")
_LITERAL = "!$&'()*+,;=:@-._~"
"""What stands for itself in a segment of a path (RFC 3986, 3.3)."""
_OLDER_NAMES = re.compile(r"^(/api/(?:v1|vevent))/companies(?=/|$)")


def normal_path(path: str) -> str:
    """A path of the incident API, of tokens, webhooks or the billing run in its one spelling: lower
    case, its present name. Those and the paths of partners have no slash at their end and no empty
    segment: some clients repeat slashes, and do not follow a redirect with a POST."""
    single = _SLASHES.sub("/", path)
    if _PARTNERS.match(single):
        return single.rstrip("/")
    if not _WITHOUT_CASE.match(single):
        return single
    return _OLDER_NAMES.sub(r"\1/clientcompanies", single.lower().rstrip("/"))


def canonical_path(raw: bytes) -> str:
    """A path with the one percent-encoding of each segment, none of them empty but the last."""
    path = raw.decode("latin-1")
    if b"%" in raw or not raw.isascii():
        segments = (quote(unquote_to_bytes(each), safe=_LITERAL) for each in raw.split(b"/"))
        path = "/".join(segments)
    return _SLASHES.sub("/", path)
