"""The URL under which a client reaches this server: the beginning of absolute links."""

import re

from starlette.requests import Request

_HOST = re.compile(r"(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?", re.ASCII)


def own_url(request: Request) -> str:
    """`https://example.org`, without a slash at its end.

    Scheme and host are those of the client's request: the server takes them from the headers of a
    trusted proxy. Without a usable `Host`, the address that the connection came to.
    """
    host = request.headers.get("host", "")
    if not is_host(host):
        name, port = request.scope.get("server") or ("localhost", None)
        host = f"{name}:{port}" if port else str(name)
    return f"{request.scope['scheme']}://{host}"


def is_host(text: str) -> bool:
    """Whether the text is a name or an address, with or without a port."""
    return _HOST.fullmatch(text) is not None
