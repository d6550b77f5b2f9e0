"""The target of a request, rejected where a proxy in front could read it differently."""

import re
from typing import Any

import httptools

_HOST = re.compile(rb"(?:[\w.~%-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?", re.ASCII)
_PORTS = {b"http": b":80", b"https": b":443"}


def read_target(method: bytes, target: bytes, host: bytes | None) -> tuple[bytes, bytes]:
    """The path and query of a request's target. `host`: its Host header, None without one.

    Raises ValueError with a message for the client.
    """
    if host is not None and not _HOST.fullmatch(host):
        raise ValueError("The Host header must be a name or an address, with or without a port.")
    if method == b"CONNECT":
        raise ValueError("CONNECT is not supported: this server is not a proxy.")
    try:
        url: Any = httptools.parse_url(target)
    except httptools.HttpParserInvalidURLError:
        raise ValueError("The target of the request must be a path.") from None
    if b"#" in target:
        raise ValueError("The target of the request must not have a fragment (#).")
    if target.startswith(b"/"):
        return bytes(url.path), bytes(url.query or b"")
    if target == b"*" and method == b"OPTIONS":
        return b"*", b""
    scheme = (url.schema or b"").lower()
    if scheme not in _PORTS or url.userinfo is not None:
        raise ValueError("The target of the request must be a path or an http URL.")
    authority = target.partition(b"://")[2].partition(b"/")[0].partition(b"?")[0]
    if not _HOST.fullmatch(authority):
        raise ValueError("The host in the target of the request must be a name or an address.")
    if host is not None and _authority(authority, scheme) != _authority(host, scheme):
        raise ValueError("The target of the request has another host than its Host header.")
    return bytes(url.path or b"/"), bytes(url.query or b"")


def _authority(host: bytes, scheme: bytes) -> bytes:
    return host.lower().removesuffix(_PORTS[scheme])
