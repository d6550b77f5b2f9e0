"""Paths in one spelling.

The incident API matches the names of resources without case, and knows one of them by an older
name; its paths, and those of tokens, webhooks, the billing run and partners, are brought to one
spelling before routing.
"""

import re

_WITHOUT_CASE = re.compile(
    r"/api/(?:(?:v1|vevent|webhooks|billing)(?:/|$)|(?:token|subscribe|unsubscribe)/?$)",
    re.IGNORECASE,
)
_PARTNERS = re.compile(r"/(?:v1|users)(?:/|$)")
_SLASHES = re.compile("/{2,}")
_OLDER_NAMES = re.compile(r"^(/api/(?:v1|vevent))/companies(?=/|$)")


def normal_path(path: str) -> str:
    """A path of the incident API, of tokens, webhooks or the billing run in its one spelling: lower
    case, its present name. Those and the paths of partners have no slash at their end and no empty
    segment: some clients repeat slashes, and do not follow a redirect with a POST."""
    single = _SLASHES.sub("/", path)
    if _PARTNERS.match(single):
        return single.rstrip("/")
    if not _WITHOUT_CASE.match(single):
        return path
    return _OLDER_NAMES.sub(r"\1/clientcompanies", single.lower().rstrip("/"))
