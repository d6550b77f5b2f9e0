"""The fields of a multipart body in memory. Files are rejected."""

import re

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header

_LONGEST_NAME = 60


class _Parts:
    """The callbacks of the parser, which collect the fields."""

    def __init__(self, max_parts: int) -> None:
        self.fields: list[tuple[str, str]] = []
        self.is_complete = False
        self._max_parts = max_parts
        self._field = self._value = self._data = b""
        self._headers: dict[bytes, bytes] = {}

    def on_part_begin(self) -> None:
        if len(self.fields) > self._max_parts:
            raise MultipartParseError("The body has too many parts.")
        self._headers, self._data = {}, b""
        self._field = self._value = b""

    def on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._field += data[start:end]

    def on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def on_header_end(self) -> None:
        self._headers[self._field.lower()] = self._value
        self._field = self._value = b""

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        self._data += data[start:end]

    def on_part_end(self) -> None:
        kind, options = parse_options_header(self._headers.get(b"content-disposition"))
        if kind != b"form-data" or b"name" not in options:
            raise MultipartParseError("A part of the body is not a field.")
        if b"filename" in options:
            name = options[b"name"].decode()[:_LONGEST_NAME]
            raise MultipartParseError(f"{name}: is a file. Send fields without a file name.")
        self.fields.append((options[b"name"].decode(), self._data.decode()))

    def on_end(self) -> None:
        self.is_complete = True


def read_parts(body: bytes, boundary: bytes, *, max_parts: int) -> list[tuple[str, str]]:
    """Names and values of the parts, at most one more than `max_parts`.

    Text before the first boundary and blanks after a boundary are ignored (RFC 2046, 5.1.1). Raises
    MultipartParseError for what is malformed, cut short or a file, UnicodeDecodeError.
    """
    body = _without_preamble(body, b"--" + boundary)
    parts = _Parts(max_parts)
    names = (
        "on_part_begin", "on_header_field", "on_header_value", "on_header_end", "on_part_data",
        "on_part_end", "on_end",
    )  # fmt: skip
    parser = MultipartParser(boundary, {name: getattr(parts, name) for name in names})  # type: ignore[arg-type]
    parser.write(body)
    parser.finalize()
    if not parts.is_complete:
        raise MultipartParseError("The body ends before its last boundary.")
    return parts.fields


def _without_preamble(body: bytes, delimiter: bytes) -> bytes:
    """The body from its first boundary on, without blanks behind boundaries."""
    line = re.compile(rb"(?:\A|\r\n)" + re.escape(delimiter) + rb"(--)?[ \t]*(?=\r\n|\Z)")
    first = line.search(body)
    if first is None:
        return body
    fields = body[first.start() :].removeprefix(b"\r\n")
    return line.sub(lambda match: match[0].rstrip(b" \t"), fields)
