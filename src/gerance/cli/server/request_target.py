"""The target of a request, rejected where a proxy in front could read it differently."""

import re
from typing import Any

import httptools

_HOST = re.compile(rb"(?:[\w.~%-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?", re.ASCII)
_REQUEST_LINE = re.compile(rb"([A-Z]{1,16}) (/.*) (HTTP/1\.[01])")
_NOT_ASCII = re.compile(rb"[\x80-\xff]")
_PORTS = {b"http": b":80", b"https": b":443"}


def encoded_line(data: bytes) -> bytes:
    """The bytes of a request, letters and blanks in its target percent-encoded: curl and PHP send
    them as they are typed. `data`: from the first byte of the request on.

    A blank is encoded in the query alone, and not where the line could also end: a proxy in front
    must not read another target than this server.
    """
    line, newline, rest = data.partition(b"\r\n")
    if not newline or (line.isascii() and line.count(b" ") <= 2):
        return data
    match = _REQUEST_LINE.fullmatch(line)
    if match is None or b" HTTP/" in match[2]:
        return data
    method, target, version = match.groups()
    path, mark, query = target.partition(b"?")
    if b" " in path:
        return data
    target = path + mark + query.replace(b" ", b"%20")
    target = _NOT_ASCII.sub(lambda byte: b"%%%02X" % ord(byte[0]), target)
    return b"%s %s %s" % (method, target, version) + newline + rest


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
