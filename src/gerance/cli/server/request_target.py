"""What a request asks for and of whom: refused where a proxy in front could read it otherwise."""

import re
from typing import Any

import httptools

_HOST = re.compile(rb"(?:[\w.~%-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?", re.ASCII)
_PORTS = {b"http": b":80", b"https": b":443"}


def read_target(method: bytes, target: bytes, host: bytes | None) -> tuple[bytes, bytes]:
    """Path and query of the target of a request with this Host header, None without one.

    Raises ValueError, saying what is wrong.
    """
    if host is not None and not _HOST.fullmatch(host):
        raise ValueError("The Host header is no name or address, with or without a port.")
    if method == b"CONNECT":
        raise ValueError("CONNECT is for proxies: this server is none.")
    try:
        url: Any = httptools.parse_url(target)
    except httptools.HttpParserInvalidURLError:
        raise ValueError("The target of the request is no path.") from None
    if b"#" in target:
        raise ValueError("The target of the request has a fragment (#), which stays with clients.")
    if target.startswith(b"/"):
        return bytes(url.path), bytes(url.query or b"")
    if target == b"*" and method == b"OPTIONS":
        return b"*", b""
    scheme = (url.schema or b"").lower()
    if scheme not in _PORTS or url.userinfo is not None:
        raise ValueError("The target of the request is neither a path nor an http address.")
    authority = target.partition(b"://")[2].partition(b"/")[0].partition(b"?")[0]
    if not _HOST.fullmatch(authority):
        raise ValueError("The target of the request has no name or address as its host.")
    if host is not None and _place(authority, scheme) != _place(host, scheme):
        raise ValueError("The target of the request names another host than its Host header.")
    return bytes(url.path or b"/"), bytes(url.query or b"")


def _place(host: bytes, scheme: bytes) -> bytes:
    return host.lower().removesuffix(_PORTS[scheme])
