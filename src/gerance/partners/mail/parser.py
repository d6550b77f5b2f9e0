"""Parsing of messages into requests (contract `by_mail`), without I/O."""

from datetime import date

import msgspec

from gerance.kernel.errors import reject
from gerance.partners.mail.body import read_end, read_offer
from gerance.partners.mail.claims import read_claims
from gerance.partners.mail.message import read_head, read_text
from gerance.partners.mail.quotations import MOST_CHARACTERS, sender_lines
from gerance.partners.mail.subject import Kind, read_subject
from gerance.partners.proposals.comparison import ClientClaims
from gerance.partners.proposals.problems import ProposalProblem


class MailRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request for an offer or a termination.

    `sender`: the address of the header From; `identifier`: the Message-ID; `partner`: a name or
    code as the subject has it; `end_of_contract_date` of a termination, `months` (or `for_good`)
    of an offer, None where the message does not say; `problems`: what is not clear; `words`: those
    from which the day or the months were read; `claims`: its claims about the client; `text`: the
    beginning of its text.
    """

    kind: Kind
    sender: str
    subject: str
    identifier: str
    partner: str
    client_name: str | None
    client_id: str
    end_of_contract_date: date | None
    months: int | None
    for_good: bool
    reason: str | None
    problems: tuple[ProposalProblem, ...]
    words: str | None
    claims: ClientClaims
    text: str


def read_request(content: bytes, today: date) -> MailRequest:
    """Read a message (RFC 5322). `today`: the day to which `fin du mois` refers.

    Raises Rejection: `MailUnreadable`, `MailNotARequest`.
    """
    head = read_head(content)
    if head.is_automatic:
        raise reject("MailNotARequest", "automatic")
    subject = read_subject(head.subject)
    text = read_text(content)
    lines = sender_lines(text, is_forwarded=subject.is_forwarded)
    if subject.kind == "terminate":
        request_text = read_end(lines, today)
    else:
        request_text = read_offer(subject.tag_text, lines)
    return MailRequest(
        kind=subject.kind,
        sender=head.sender,
        subject=head.subject,
        identifier=head.identifier,
        partner=subject.partner,
        client_name=subject.client_name,
        client_id=subject.client_id,
        end_of_contract_date=request_text.end,
        months=request_text.months,
        for_good=request_text.for_good,
        reason=request_text.reason,
        problems=request_text.problems,
        words=request_text.words,
        claims=read_claims(subject.client_name, head.sender, filter(None, lines)),
        text=text[:MOST_CHARACTERS].strip(),
    )
