"""If-None-Match: 304 for an answer that the client already has."""

from collections.abc import Mapping

from starlette.responses import Response


def matches(headers: Mapping[str, str], etag: str, *, star: bool = True) -> bool:
    """Whether If-None-Match has this ETag; `star`: whether there is something for `*` to mean.

    `headers`: names in small letters.
    """
    header = headers.get("if-none-match")
    if header is None:
        return False
    plain = etag.removeprefix("W/")
    tags = (each.strip().removeprefix("W/") for each in header.split(","))
    return any(each == plain or (star and each == "*") for each in tags)


def not_modified(etag: str) -> Response:
    """304: the client has it."""
    return Response(status_code=304, headers={"ETag": etag, "Cache-Control": "private, no-cache"})
