"""A signature counts when it is good, of the sender's domain, and covers the whole message."""

import base64
from functools import cache
from typing import Any

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from tests.partners.mail.conftest import mails, proposals
from tests.partners.mail.letters import SUBJECT, letter
from tests.partners.mail.posting import rules, send

from gerance.partners.mail.authenticity import Texts, is_signed

SENDER = "jeanne@foussier.example"
HEADERS = [b"from", b"subject", b"message-id"]


@cache
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def record() -> bytes:
    """What the name server says of the key."""
    public = key().public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)


def names(**records: bytes) -> Texts:
    """A name server: by default the key of foussier.example."""
    known = {b"a._domainkey.foussier.example.": record()}
    known |= {
        f"a._domainkey.{domain.replace('_', '.')}.".encode(): r for domain, r in records.items()
    }
    return lambda name, timeout=1.0: known.get(name)


def signed(content: bytes, domain: str = "foussier.example", **more: Any) -> bytes:
    """The message with a signature on top."""
    private = key().private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    given = {"include_headers": HEADERS, "canonicalize": (b"relaxed", b"relaxed")} | more
    return bytes(dkim.sign(content, b"a", domain.encode(), private, **given)) + content


def test_a_signed_message_is_taken_where_signatures_are_required(database: str) -> None:
    required = rules(require_dkim=True, texts=names())
    code, text = send(database, letter(), required)
    assert code == 550
    assert text == "5.7.20 No good DKIM signature of foussier.example covers the message."
    assert proposals(database) == []
    assert send(database, signed(letter()), required, mail_from="srs@forwarder.example")[0] == 250
    assert mails(database)[0][3] == "dkim"


@pytest.mark.parametrize(
    "content",
    [
        signed(letter()),
        signed(letter(), "mail.foussier.example"),
        signed(letter(), canonicalize=(b"simple", b"simple")),
        b"DKIM-Signature: v=1; a=rsa-sha256; b=x\r\n" + signed(letter()),
        b"Received: by mx\r\n" + signed(letter()),
    ],
)
def test_good_signatures(content: bytes) -> None:
    assert is_signed(content, SENDER, names(mail_foussier_example=record()))


TAMPERED = {
    "no signature": letter(),
    "another day": signed(letter()).replace(b"31/12/2026", b"31/12/2025"),
    "another subject": signed(letter()).replace(b"Thierry", b"Terry"),
    "something added": signed(letter()) + b"PS: fin le 01/01/2025\r\n",
    "of another domain": signed(letter(), "evil.example"),
    "of a domain that ends alike": signed(letter(), "evilfoussier.example"),
    "of the top": signed(letter(), "example"),
    "without its key": signed(letter(), "b.foussier.example"),
    "of a part": signed(letter(), length=True),
    "without the subject": signed(letter(), include_headers=[b"from", b"message-id"]),
    "no fields": b"DKIM-Signature: nonsense\r\n" + letter(),
    "no header": b" folded\r\n" + signed(letter()),
    "empty": b"",
    "six bad ones before it": b"DKIM-Signature: v=1\r\n" * 6 + signed(letter()),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_bad_signatures(what: str) -> None:
    server = names(evil_example=record(), evilfoussier_example=record(), example=record())
    assert not is_signed(TAMPERED[what], SENDER, server)


def test_a_key_that_is_not_one_is_no_failure_of_ours() -> None:
    for text in (
        b"",
        b"p=",
        b"p=!!",
        b"v=DKIM1; p=AAAA",
        b"v=DKIM2; p=AAAA",
        b"k=x; p=AAAA",
        b"\xff",
    ):
        server: Texts = lambda name, timeout=1.0, text=text: text  # noqa: E731
        assert not is_signed(signed(letter(SUBJECT)), SENDER, server)
