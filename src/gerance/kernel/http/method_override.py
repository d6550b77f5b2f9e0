"""PATCH for clients that cannot send it: POST with `X-HTTP-Method-Override: PATCH`."""

import re

from starlette.datastructures import Headers
from starlette.types import Scope

from gerance.kernel.errors import BadRequest

_PATHS = re.compile(r"/api/(?:v1|vevent)(?:/|$)")


def override_method(scope: Scope) -> BadRequest | None:
    """Make a POST to the incident API a PATCH, where its override asks for that.

    On other methods the header does not count. Returns what is wrong with an override to another
    method.
    """
    if scope["method"] != "POST" or not _PATHS.match(scope["path"]):
        return None
    method = Headers(scope=scope).get("x-http-method-override")
    if method is None:
        return None
    if method.strip().upper() != "PATCH":
        return BadRequest(f"X-HTTP-Method-Override: expected PATCH, got {method[:40]!r}.")
    scope["method"] = "PATCH"
    return None
