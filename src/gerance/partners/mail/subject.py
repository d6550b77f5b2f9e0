"""The subject of a request (contract `by_mail`).

`[Résiliation][Foussier] Client Thierry Lhermitte - 54d8b0fad5922248bf2f`
"""

import re
from typing import Literal, NamedTuple

from gerance.kernel.errors import reject
from gerance.kernel.fold import words

Kind = Literal["offer", "terminate"]

MOST_CLIENT_ID = 100

_REPLY = re.compile(
    r"\s*(?:(?:re|ref|réf|rép|rep|fwd?|tr|rv|aw|wg|transf|antw?|sv|vs)\.?|réponse|reponse|transféré|transfere"
    r"|forwarded)\s*(?:\[\d+\])?\s*:|\s*(?:\*{2,}|#{2,}|_{2,})\s*(?:spam|suspect|external|externe)\s*(?:\*{2,}|#{2,}|_{2,})",
    re.IGNORECASE,
)
_TAG = re.compile(r"\s*[\[【]\s*([^\[\]【】]{1,200}?)\s*[\]】]")
_DASH = re.compile(r"(?:^|\s)[-–—−‑]+(?=\s|$)|(?:^|\s)[-–—−‑]+(?=\S)")
_CLIENT_WORD = re.compile(r"\s*[:\-–—]?\s*(?:(?:le\s+)?cliente?|customer)\b\s*:?\s*", re.IGNORECASE)
_BEFORE = frozenset(("external", "externe", "ext", "spam", "urgent"))
"""Words in brackets that mail servers and people put before a subject."""
_TERMINATE = frozenset(
    ("resiliation", "resilier", "resilie", "arret", "arreter", "termination", "terminate",
     "cancellation", "cancelation", "cancel", "fin")
)  # fmt: skip
_OFFER = frozenset(("offre", "offrir", "offert", "offerte", "offer", "geste", "gift", "gratuit"))


class Subject(NamedTuple):
    """A parsed subject. `tag_text`: the text in its first brackets; `partner`: that in the second;
    `is_forwarded`: the message was forwarded."""

    kind: Kind
    tag_text: str
    partner: str
    client_name: str | None
    client_id: str
    is_forwarded: bool


def read_subject(subject: str) -> Subject:
    """Read the subject, on one line. Raises Rejection (`MailNotARequest`)."""
    rest, is_forwarded = subject, False
    while match := _REPLY.match(rest):
        is_forwarded |= match[0].strip().lower().startswith(("f", "t", "wg", "rv"))
        rest = rest[match.end() :]
    tag = _TAG.match(rest)
    while tag and _BEFORE.intersection(words(tag[1])):
        rest = rest[tag.end() :]
        while match := _REPLY.match(rest):
            rest = rest[match.end() :]
        tag = _TAG.match(rest)
    if tag is None:
        raise reject("MailNotARequest", "request")
    partner = _TAG.match(rest, tag.end())
    if partner is None:
        raise reject("MailNotARequest", "partner")
    name, client_id = _client(rest[partner.end() :])
    return Subject(_kind(tag[1]), tag[1], partner[1], name, client_id, is_forwarded)


def _kind(tag_text: str) -> Kind:
    tag_words = set(words(tag_text))
    ends, offers = bool(tag_words & _TERMINATE), bool(tag_words & _OFFER)
    if ends == offers:
        raise reject("MailNotARequest", "kind", tag=tag_text[:80])
    return "terminate" if ends else "offer"


def _client(text: str) -> tuple[str | None, str]:
    """The name and client_id of the client. The client_id follows the last dash."""
    dashes = list(_DASH.finditer(text))
    code = text[dashes[-1].end() :].strip(" .;,") if dashes else ""
    if not code:
        raise reject("MailNotARequest", "client")
    if len(code) > MOST_CLIENT_ID or set(code) & set("/\\<>[]"):
        raise reject("MailNotARequest", "client_id")
    name = _CLIENT_WORD.sub("", text[: dashes[-1].start()], count=1).strip(" -–—:")
    return name[:200] or None, code
