"""Paths in one spelling.

The incident API matches the names of resources without case, and knows one of them by an older
name; its paths, and those of tokens, webhooks and the billing run, are brought to one spelling
before routing.
"""

import re

_WITHOUT_CASE = re.compile(
    r"/api/(?:(?:v1|vevent|webhooks|billing)(?:/|$)|(?:token|subscribe|unsubscribe)/?$)",
    re.IGNORECASE,
)
_OLDER_NAMES = re.compile(r"^(/api/(?:v1|vevent))/companies(?=/|$)")


def normal_path(path: str) -> str:
    """A path of the incident API, of tokens, webhooks or the billing run in its one spelling: lower
    case, its present name, no slash at its end."""
    if not _WITHOUT_CASE.match(path):
        return path
    return _OLDER_NAMES.sub(r"\1/clientcompanies", path.lower().rstrip("/"))
