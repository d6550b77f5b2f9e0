"""Paths in one spelling.

The incident API matches the names of resources without case, and knows one of them by an older
name; its paths are brought to one spelling before routing.
"""

import re

_INCIDENT_API = re.compile(r"/api/(?:v1|vevent)(?:/|$)", re.IGNORECASE)
_OLDER_NAMES = re.compile(r"^(/api/(?:v1|vevent))/companies(?=/|$)")


def normal_path(path: str) -> str:
    """A path of the incident API in lower case, under its present name, without a last slash."""
    if not _INCIDENT_API.match(path):
        return path
    return _OLDER_NAMES.sub(r"\1/clientcompanies", path.lower().rstrip("/"))
