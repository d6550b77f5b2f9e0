"""A signature counts when it is good, of the sender's domain, and covers the whole message."""

import base64
import socket
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import dkim
import dns.message
import dns.rcode
import dns.resolver
import dns.rrset
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

from gerance.partners.mail.authenticity import Texts, is_signed, keys_from, resolver_of

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
    assert text.startswith("5.7.20 No good DKIM signature of foussier.example covers")
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


def test_rows_of_blanks_keep_a_relaxed_signature_good_and_take_no_time() -> None:
    rows = letter(body=(" \t" * 490 + "x\n") * 3000 + "fin  le \t 31/12/2026 \n\n\n")
    began = time.process_time()
    assert is_signed(signed(letter(body="a  b \t\n")), SENDER, names())
    content = signed(letter())
    assert not is_signed(content.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" + rows, SENDER, names())
    assert time.process_time() - began < 2.0


def test_a_signature_of_blanks_takes_no_time() -> None:
    field = b"DKIM-Signature: v=1; a=rsa-sha256; d=foussier.example; s=a; h=from; bh=; b=A"
    began = time.process_time()
    assert not is_signed(field + b" " * 60_000 + b"!\r\n" + letter(), SENDER, names())
    assert time.process_time() - began < 1.0


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


def test_keys_are_asked_for_from_a_name_server(database: str) -> None:
    with answering({"a._domainkey.foussier.example.": record()}) as resolver:
        required = rules(require_dkim=True, texts=keys_from(resolver))
        assert send(database, signed(letter()), required)[0] == 250
        for other in ("b.foussier.example", "foussier.example/../evil"):
            assert not is_signed(signed(letter(), other), SENDER, keys_from(resolver))


def test_a_name_server_that_is_silent_leaves_messages_unsigned() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        texts = keys_from(asking(silent.getsockname()[1]))
        assert texts(b"a._domainkey.foussier.example.", timeout=0.2) is None


def test_name_servers_are_those_that_are_set() -> None:
    assert resolver_of(["192.0.2.1", "2001:db8::1"]).nameservers == ["192.0.2.1", "2001:db8::1"]
    with pytest.raises(ValueError, match="ns"):
        resolver_of(["ns.example"])


def asking(port: int) -> dns.resolver.Resolver:
    """A resolver that asks on loopback only."""
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers, resolver.port = ["127.0.0.1"], port
    return resolver


@contextmanager
def answering(records: dict[str, bytes]) -> Iterator[dns.resolver.Resolver]:
    """A resolver whose name server has these texts, cut into strings of 200 bytes."""

    class Answer(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            data, server = self.request
            question = dns.message.from_wire(data)
            answer = dns.message.make_response(question)
            name = question.question[0].name
            if (text := records.get(name.to_text())) is None:
                answer.set_rcode(dns.rcode.NXDOMAIN)
            else:
                pieces = [text[n : n + 200] for n in range(0, len(text), 200)]
                quoted = " ".join(f'"{piece.decode()}"' for piece in pieces)
                answer.answer.append(dns.rrset.from_text(name, 60, "IN", "TXT", quoted))
            server.sendto(answer.to_wire(), self.client_address)

    with socketserver.ThreadingUDPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield asking(server.server_address[1])
        finally:
            server.shutdown()
            thread.join()
