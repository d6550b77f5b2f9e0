"""A message (RFC 5322, MIME): its sender, subject and text, within limits."""

import hashlib
import re
from collections.abc import Iterator
from email.message import Message
from email.parser import BytesHeaderParser, BytesParser
from email.policy import compat32
from typing import NamedTuple, cast

from gerance.kernel.errors import reject
from gerance.partners.mail.page import page_text
from gerance.partners.mail.texts import bare, decoded, header_text, visible

MOST_BYTES = 10 * 1024 * 1024
MOST_HEAD_BYTES = 65_536
MOST_HEAD_LINES = 1_000
MOST_CONTAINERS = 12
MOST_DIVISIONS = 2_000
MOST_TEXT_BYTES = 65_536
MOST_HEADER_CHARACTERS = 2_000

_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
_CONTAINER = re.compile(rb"multipart/|message/", re.IGNORECASE)
_ADDRESS = re.compile(
    r"[!#$%&'*+./0-9=?A-Z^_`a-z{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?"
)
_SINGLE = ("from", "subject", "message-id", "date", "content-type", "content-transfer-encoding")
_IDENTIFIER = re.compile(r"<[^<>\s]{1,500}>")


class Head(NamedTuple):
    """The head of a message.

    `sender`: the one address of its From, its domain in lower case; `identifier`: its Message-ID,
    or `sha256:` and its content's hash; `is_automatic`: a program sent it (RFC 3834), like an
    absence note or a report about a delivery.
    """

    sender: str
    subject: str
    identifier: str
    is_automatic: bool


def read_head(content: bytes) -> Head:
    """Read the head only. Raises Rejection (`MailUnreadable`)."""
    values = _END_OF_HEAD.search(content)
    head = content[: values.start()] if values else content
    _check_bounds(content, head)
    headers: dict[str, list[str]] = {}
    for name, value in BytesHeaderParser(policy=compat32).parsebytes(head).raw_items():
        headers.setdefault(name.lower(), []).append(value)
    for name in _SINGLE:
        if len(headers.get(name, ())) > 1:
            raise reject(
                "MailUnreadable", "headers", number=len(headers[name]), header=name.title()
            )
    return Head(
        sender_of(_one(headers, "from")),
        header_text(_one(headers, "subject"))[:MOST_HEADER_CHARACTERS],
        _identifier(headers, content),
        _is_automatic(headers),
    )


def read_text(content: bytes) -> str:
    """The text of the message with LF line ends: its first plain text that is not attached, else
    its first HTML, else nothing. A plain text that only refers to the HTML does not count. Raises
    Rejection (`MailUnreadable`)."""
    if (
        len(_CONTAINER.findall(content)) > MOST_CONTAINERS
        or content.count(b"\n--") > MOST_DIVISIONS
    ):
        raise reject("MailUnreadable", "parts")
    plain = html = None
    for part in _leaves(BytesParser(policy=compat32).parsebytes(content)):
        kind = part.get_content_type()
        if kind == "text/plain" and plain is None:
            plain = visible(_content(part))
        if kind == "text/html" and html is None:
            html = part
    if html is not None and (plain is None or _is_only_a_pointer(plain)):
        return visible(page_text(_content(html)))
    return plain or ""


def _is_only_a_pointer(plain: str) -> bool:
    """Whether a plain text is empty, or only says that the message is HTML."""
    text = plain.strip()
    return not text or (
        len(text) < 300 and "html" in text.lower() and not any(map(str.isdigit, text))
    )


def sender_of(header: str) -> str:
    """The only address of a From header. Raises Rejection (`MailUnreadable`).

    Addresses in quoted names and comments are ignored.
    """
    if len(header) > MOST_HEADER_CHARACTERS:
        raise reject("MailUnreadable", "long_sender")
    plain = bare(header.replace("\r", "").replace("\n", "")).strip()
    name, bracket, rest = plain.partition("<")
    address = rest.removesuffix(">") if bracket else plain
    second_address = re.search(r"[<>,;:@]", name) if bracket else None
    if second_address or (bracket and not rest.endswith(">")) or not _ADDRESS.fullmatch(address):
        raise reject("MailUnreadable", "sender")
    local, _, domain = address.rpartition("@")
    return f"{local}@{domain.lower()}"


def _check_bounds(content: bytes, head: bytes) -> None:
    if len(content) > MOST_BYTES:
        raise reject("MailUnreadable", "size", most=MOST_BYTES)
    if len(head) > MOST_HEAD_BYTES or head.count(b"\n") > MOST_HEAD_LINES:
        raise reject("MailUnreadable", "head")
    # Mail programs do not agree on whether these end a line: one would see another header.
    if b"\0" in head or b"\r" in head.replace(b"\r\n", b""):
        raise reject("MailUnreadable", "character")


def _one(headers: dict[str, list[str]], name: str) -> str:
    values = headers.get(name)
    if not values:
        raise reject("MailUnreadable", "no_header", header=name.title())
    return values[0]


def _identifier(headers: dict[str, list[str]], content: bytes) -> str:
    match = _IDENTIFIER.search("".join(headers.get("message-id", ())))
    values = match[0].encode("utf-8", "surrogateescape") if match else b""
    if values.isascii() and values:
        return values.decode()
    return f"sha256:{hashlib.sha256(values or content).hexdigest()}"


def _is_automatic(headers: dict[str, list[str]]) -> bool:
    def first_word(name: str) -> str:
        return "".join(headers.get(name, [""])[:1]).partition(";")[0].strip().lower()

    return (
        first_word("auto-submitted") not in ("", "no")
        or first_word("precedence") in ("auto_reply", "auto-reply")
        or first_word("x-autoreply") not in ("", "no")
        or first_word("x-autorespond") not in ("", "no")
        or first_word("content-type") == "multipart/report"
    )


def _leaves(message: Message) -> Iterator[Message]:
    """The parts that are not containers, attachments or parts of nested messages."""
    pending_parts = [message]
    while pending_parts:
        part = pending_parts.pop()
        if part.get_content_maintype() == "message" or _is_attachment(part):
            continue
        if part.is_multipart():
            # Its own type says what it would give of any part; of a container it is a list.
            pending_parts += reversed(cast("list[Message]", part.get_payload()))
        else:
            yield part


def _is_attachment(part: Message) -> bool:
    disposition = str(part.get("Content-Disposition", "")).partition(";")[0].strip().lower()
    return (
        disposition == "attachment"
        or "filename" in str(part.get("Content-Disposition", "")).lower()
    )


def _content(part: Message) -> str:
    data = part.get_payload(decode=True)
    charset = part.get_param("charset")
    name = charset if isinstance(charset, str) else None
    return decoded(data[:MOST_TEXT_BYTES], name) if isinstance(data, bytes) else ""
