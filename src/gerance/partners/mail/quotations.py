"""What the sender of a message wrote: replies without quotations, forwarded messages without their
heads.

Two libraries find what their tests cover: quotequail the lines of Gmail and Apple Mail, also over
two lines, and the three kinds of forwarding; mail-parser-reply the heads of Outlook in both
languages. The table here has what neither finds: Zimbra, Orange and SFR, Notes, and a bare
`a écrit :`. A quotation begins where the first of them sees one.
"""

import re
from functools import cache

import quotequail
from mailparser_reply import EmailMessage

from gerance.kernel.fold import fold

MOST_CHARACTERS = 20_000
MOST_LINES = 400
MOST_LINE = 1_000
MOST_LEVELS = 5
"""Messages forwarded within each other."""

# The expressions of the libraries take quadratic time per line: a longer one begins no quotation.
_LONGEST_BEGINNING = 250
_SIGNATURE = "--"
_DECORATION = r"[>\s*_]*"
_SEPARATOR = re.compile(
    rf"{_DECORATION}(?:-{{2,}}\s*)?(?:message d'origine|message original|message initial"
    r"|mail original|courriel original|message transfere|mail transfere|message reexpedie"
    r"|original message|forwarded message|debut du message (?:transfere|reexpedie|d'origine)"
    rf"|begin forwarded message)(?:\s*-{{2,}}|\s*:)?{_DECORATION}|[>\s*]*_{{20,}}\s*"
)
_ATTRIBUTION = re.compile(
    r"(?:(?:le|on) .{5,200}|.{0,100}<[^<>\s]+@[^<>\s]+>\s*)?(?:a ecrit|wrote)\s*:\s*"
)
_MESSAGE_OF = re.compile(rf"{_DECORATION}message du\s*:?\s*\d.*")
_HEAD_NAMES = {
    "de": "from", "from": "from", "expediteur": "from", "sender": "from",
    "a": "to", "to": "to", "pour": "to", "destinataire": "to", "destinataires": "to", "cc": "to",
    "copie a": "to", "copie": "to", "bcc": "to", "cci": "to",
    "date": "date", "envoye": "date", "envoye le": "date", "sent": "date", "recu": "date",
    "objet": "subject", "sujet": "subject", "subject": "subject",
    "reply-to": "other", "repondre a": "other", "importance": "other", "pieces jointes": "other",
    "piece jointe": "other", "attachments": "other", "organisation": "other",
}  # fmt: skip
_HEAD_LINE = re.compile(
    rf"{_DECORATION}([a-z][a-z -]{{0,16}}?)\s*{_DECORATION}:(?!//).*", re.DOTALL
)


def sender_lines(text: str, *, is_forwarded: bool) -> list[str]:
    """The lines that the sender wrote, empty ones included: of a reply without quotations and the
    signature, of a forwarded message without its heads."""
    lines = [line.strip()[:MOST_LINE] for line in text[:MOST_CHARACTERS].split("\n")[:MOST_LINES]]
    return _forwarded_lines(lines) if is_forwarded else _own_lines(lines)


def _own_lines(lines: list[str]) -> list[str]:
    own_lines = []
    for line in lines[: _quotation(lines)]:
        if line == _SIGNATURE:
            break
        if not line.startswith(">"):
            own_lines.append(line)
    return own_lines


def _quotation(lines: list[str]) -> int:
    """The number of lines before the first quotation."""
    short = [line if len(line) <= _LONGEST_BEGINNING else "x" for line in lines]
    text = "\n".join(short)
    places = [len(lines), _first_of_table(short)]
    parts = quotequail.quote(text, limit=len(lines) + 1, quote_intro_line=True)
    if len(parts) > 1:
        places.append(len(lines) - parts[1][1].count("\n") - 1)
    if match := _outlook().search(text):
        head = match[0]
        blank = len(head) - len(head.lstrip("\n"))
        places.append(text.count("\n", 0, match.start() + blank))
    return min(places)


def _first_of_table(lines: list[str]) -> int:
    plain = [_plain(line) for line in lines]
    for nth, line in enumerate(plain):
        if (
            _SEPARATOR.fullmatch(line)
            or _ATTRIBUTION.fullmatch(line)
            or _MESSAGE_OF.fullmatch(line)
            or _is_head(plain[nth : nth + 5])
        ):
            return nth
    return len(lines)


def _is_head(lines: list[str]) -> bool:
    """Whether lines begin with the head of a message: its sender, and at least one line of another
    kind directly after it."""
    kinds = []
    for line in lines:
        kind = _head_kind(line)
        if kind is None:
            break
        kinds.append(kind)
    return len(kinds) >= 2 and kinds[0] == "from" and len(set(kinds)) >= 2


def _head_kind(line: str) -> str | None:
    match = _HEAD_LINE.fullmatch(line)
    return _HEAD_NAMES.get(match[1].strip()) if match else None


def _forwarded_lines(lines: list[str]) -> list[str]:
    """All that the sender and the forwarded messages say, without the heads of those."""
    text = "\n".join(lines)
    above: list[str] = []
    below: list[str] = []
    for _ in range(MOST_LEVELS):
        parts = quotequail.unwrap(text)
        if parts is None or parts["type"] != "forward":
            break
        above += parts.get("text_top", "").split("\n")
        below[:0] = parts.get("text_bottom", "").split("\n")
        text = parts.get("text", "")
    all_lines = [line.lstrip("> ") for line in (*above, "", *text.split("\n"), "", *below)]
    return [line for line in all_lines if not _is_of_a_head(line)]


def _is_of_a_head(line: str) -> bool:
    """Whether a line belongs to the head of a forwarded message."""
    plain = "" if len(line) > _LONGEST_BEGINNING else _plain(line)
    return bool(
        _SEPARATOR.fullmatch(plain)
        or _ATTRIBUTION.fullmatch(plain)
        or _MESSAGE_OF.fullmatch(plain)
        or _head_kind(plain)
    )


def _plain(line: str) -> str:
    return fold(line.replace("\u2019", "'"))


@cache
def _outlook() -> re.Pattern[str]:
    """The heads of replies, in French and English."""
    expression: re.Pattern[str] = EmailMessage("", languages=["fr", "en"]).HEADER_REGEX
    return expression
