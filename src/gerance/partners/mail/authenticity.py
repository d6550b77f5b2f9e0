"""Authentication of senders by DKIM (RFC 6376), verified here or by a trusted server
(Authentication-Results, RFC 8601)."""

import binascii
import re
from collections.abc import Callable, Sequence
from email.parser import BytesHeaderParser
from email.policy import compat32

import dkim  # type: ignore[import-untyped]
import dns.exception
import dns.rdatatype
import dns.resolver
import structlog

from gerance.partners.mail.texts import bare, one_line

log = structlog.get_logger("gerance.mail")

MOST_SIGNATURES = 5
MOST_SIGNATURE_BYTES = 4_096
MOST_KEY_BYTES = 4_096
DNS_SECONDS = 5.0

Texts = Callable[..., bytes | None]
"""Returns the TXT record of a name (bytes, with a final dot), None without one; `timeout` in
seconds."""

_NAME = re.compile(rb"[a-z0-9_](?:[a-z0-9._-]{0,251}[a-z0-9])?\.", re.IGNORECASE)
_RESULT = re.compile(r"dkim\s*=\s*pass\b(?P<rest>.*)", re.IGNORECASE)
_SIGNER = re.compile(
    r"\bheader\.(?P<kind>d|i)\s*=\s*\"?(?:[^\s\"@]*@)?(?P<domain>[a-z0-9.-]+)", re.IGNORECASE
)
_BLANKS = re.compile(rb"[ \t]+")


def resolver_of(addresses: Sequence[str]) -> dns.resolver.Resolver:
    """A resolver with these name servers, or those of the system. Raises ValueError for an invalid
    address.

    Without a name server, keys are not found and no signature is valid.
    """
    try:
        resolver = dns.resolver.Resolver(configure=not addresses)
    except dns.resolver.NoResolverConfiguration:
        log.warning("no name server for the keys of signatures: set mail_resolvers")
        return dns.resolver.Resolver(configure=False)
    if addresses:
        resolver.nameservers = list(addresses)
    return resolver


def keys_from(resolver: dns.resolver.Resolver) -> Texts:
    """A look-up of TXT records with a resolver."""

    def texts(name: bytes, timeout: float = DNS_SECONDS) -> bytes | None:
        if len(name) > 255 or not _NAME.fullmatch(name):
            return None
        try:
            answer = resolver.resolve(
                name.decode("ascii"), dns.rdatatype.TXT, lifetime=timeout, search=False
            )
        except dns.exception.DNSException as failure:
            log.info("no key of a signature", name=name.decode(), reason=type(failure).__name__)
            return None
        for record in answer:
            record_text = b"".join(record.strings)
            if b"p=" in record_text:
                return record_text[:MOST_KEY_BYTES]
        return None

    return texts


def is_signed(content: bytes, sender: str, texts: Texts) -> bool:
    """Whether a valid signature of the sender's domain, or of a parent or subdomain, covers the
    complete message with its From and its subject. It looks up keys: call it in a thread.
    """
    try:
        message, single_spaced = dkim.DKIM(content), dkim.DKIM(_single_spaced(content))
    except (dkim.DKIMException, IndexError, ValueError):
        return False
    signatures = [value for name, value in message.headers if name.lower() == b"dkim-signature"]
    return any(
        _verifies(message, single_spaced, nth, sender, texts)
        for nth, value in enumerate(signatures[:MOST_SIGNATURES])
        if len(value) <= MOST_SIGNATURE_BYTES
    )


def says_signed(content: bytes, sender: str, server_id: str) -> bool:
    """Whether the server `server_id` (an authserv-id) reports such a signature as valid.

    Only the topmost Authentication-Results header counts: the server removes existing ones and adds
    its own on top.
    """
    head = content.partition(b"\r\n\r\n")[0].partition(b"\n\n")[0]
    headers = BytesHeaderParser(policy=compat32).parsebytes(head)
    first = next((v for n, v in headers.raw_items() if n.lower() == "authentication-results"), None)
    if first is None:
        return False
    server, *results = bare(one_line(str(first))).split(";")
    if server.strip().lower().split(" ")[0] != server_id.lower():
        return False
    for result in results:
        match = _RESULT.match(result.strip())
        if match and any(
            aligned(each["domain"], sender) for each in _SIGNER.finditer(match["rest"])
        ):
            return True
    return False


def aligned(domain: str, sender: str) -> bool:
    """Whether a domain is that of the address, a parent or a subdomain; a top-level domain is
    not."""
    signer, own = domain.lower().rstrip("."), sender.rpartition("@")[2].lower()
    if "." not in signer:
        return False
    return signer == own or own.endswith(f".{signer}") or signer.endswith(f".{own}")


def _verifies(
    message: "dkim.DKIM", single_spaced: "dkim.DKIM", nth: int, sender: str, texts: Texts
) -> bool:
    """Whether the signature is valid. It must cover the complete body and the subject: anybody
    could have written the rest."""
    try:
        signature_parts = message.verify_headerprep(nth)
        if not signature_parts:
            return False
        fields, covered, _ = signature_parts
        if b"l" in fields or fields[b"a"] != b"rsa-sha256":
            return False
        if not {b"from", b"subject"} <= set(covered):
            return False
        if not aligned(fields[b"d"].decode("ascii"), sender):
            return False
        relaxed = fields.get(b"c", b"").partition(b"/")[2] == b"relaxed"
        canonical = single_spaced if relaxed else message
        return bool(canonical.verify(nth, dnsfunc=texts))
    except (dkim.DKIMException, binascii.Error, ValueError, LookupError, TypeError) as failure:
        log.info("signature not read", reason=type(failure).__name__)
        return False


def _single_spaced(content: bytes) -> bytes:
    """The message with single blanks in its body.

    For relaxed canonicalization (RFC 6376, 3.4.4) it is the same message. Long runs of blanks would
    take the library seconds.
    """
    head, end, body = content.partition(b"\r\n\r\n")
    return head + end + _BLANKS.sub(b" ", body)
