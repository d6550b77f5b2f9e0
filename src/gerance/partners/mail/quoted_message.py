"""Messages copied from a mail program, with headers in French."""

import re

from gerance.kernel.fold import fold
from gerance.partners.mail.texts import decoded, one_line

_LINE = re.compile(r"\s*([^\s:][^:]{0,20}?)\s*:\s*(.*)")
_MAILTO = re.compile(r"[\[<]\s*mailto:\s*([^\s\]>]+)\s*[\]>]", re.IGNORECASE)
_MOST_LINES = 20
_NAMES = {
    "de": "From", "from": "From", "expediteur": "From", "objet": "Subject", "subject": "Subject",
    "sujet": "Subject",
}  # fmt: skip
_OTHERS = frozenset(
    ("a", "to", "cc", "cci", "bcc", "date", "envoye", "sent", "destinataire", "repondre a",
     "reply-to", "importance", "pieces jointes", "attachments")
)  # fmt: skip


def as_message(content: bytes) -> bytes:
    """Convert a pasted text to a message (RFC 5322). A message is returned unchanged.

    A pasted text starts with lines like `De : ...` and `Objet : ...`, at least one in French.
    """
    text = decoded(content, None).replace("\r\n", "\n").lstrip("\ufeff\n ")
    lines = text.split("\n")
    headers: dict[str, str] = {}
    french = False
    body = 0
    for nth, line in enumerate(lines[:_MOST_LINES]):
        read = _LINE.fullmatch(line)
        label = fold(read[1]) if read else ""
        if read is None or label not in _NAMES.keys() | _OTHERS:
            body = nth
            break
        if name := _NAMES.get(label):
            french |= label not in ("from", "subject")
            headers.setdefault(name, _MAILTO.sub(r"<\1>", one_line(read[2])))
    if not french or headers.keys() != {"From", "Subject"} or not body:
        return content
    head = "".join(f"{name}: {value}\n" for name, value in headers.items())
    rest = "\n".join(lines[body:])
    return f"{head}Content-Type: text/plain; charset=utf-8\n\n{rest}".encode()
