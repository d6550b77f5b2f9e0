"""Checks of a request's head: a request that two servers could read in two ways is rejected."""

import urllib.parse
from collections.abc import Sequence
from typing import Any

import httptools

from gerance.cli.server.request_target import read_target
from gerance.kernel.errors import BadRequest, Rejection

MAX_HEADERS = 100


def check_request_line(
    parser: httptools.HttpRequestParser, target: bytes, received: bytes, *, at_start: bool
) -> bool:
    """True; raises Rejection when other characters than one space separate the request line.

    The parser tolerates them. `received`: the bytes in which the line is, at their start or not.
    """
    line = b"%s %s HTTP/%s\r\n" % (
        parser.get_method(), target, parser.get_http_version().encode(),
    )  # fmt: skip
    if at_start:
        if received.lstrip(b"\r\n").startswith(line):
            return True
    elif line in received:
        return True
    raise BadRequest("One space must stand on either side of the target.")


def check_head(
    version: str, headers: Sequence[tuple[bytes, bytes]], hosts: int, codings: int
) -> None:
    """Raises Rejection for a head that a proxy in front could have read as another request.

    `hosts`: the number of Host headers; `codings`: of Transfer-Encoding headers, two for one that
    is not "chunked".
    """
    if version not in ("1.1", "1.0"):
        raise Rejection("BadRequest", f"HTTP/{version} is not supported.", status=505)
    if hosts != 1 and (version == "1.1" or hosts):
        raise BadRequest("Exactly one Host header is required.")
    if codings and (version == "1.0" or codings > 1):
        message = "The only supported Transfer-Encoding is chunked, with HTTP/1.1."
        raise BadRequest(message)
    if len(headers) > MAX_HEADERS:
        raise Rejection("HeadTooLarge", f"There are over {MAX_HEADERS} headers.", status=431)


def head_too_large(max_bytes: int, *, in_headers: bool) -> Rejection:
    """The rejection of a head over the limit of the settings."""
    if in_headers:
        return Rejection(
            "HeadTooLarge", f"The headers have over {max_bytes} bytes in total.", status=431
        )
    return Rejection(
        "HeadTooLarge", f"The request line has over {max_bytes // 2} bytes.", status=414
    )


def describe_request(
    scope: Any,
    parser: httptools.HttpRequestParser,
    target: bytes,
    host: bytes | None,
    root_path: str,
) -> None:
    """Add method, path, query and version to the ASGI scope. Raises Rejection."""
    method = parser.get_method()
    scope["method"] = method.decode("ascii")
    if (version := parser.get_http_version()) != "1.1":
        scope["http_version"] = version
    try:
        raw_path, query = read_target(method, target, host)
        path = raw_path.decode("ascii")
    except UnicodeDecodeError:
        raise BadRequest("The target has non-ASCII characters.") from None
    except ValueError as error:
        raise BadRequest(str(error)) from error
    scope["path"] = root_path + (urllib.parse.unquote(path) if "%" in path else path)
    scope["raw_path"] = root_path.encode("ascii") + raw_path
    scope["query_string"] = query
