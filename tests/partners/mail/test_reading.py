"""Messages are read for what they ask: the many forms of the same thing, and what is none."""

import time
from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.partners.mail.letters import CLIENT, SUBJECT, letter, multipart

from gerance.kernel.errors import Rejection
from gerance.partners.mail.parser import MailRequest, read_request
from gerance.partners.proposals.comparison import ClientClaims

TODAY = date(2026, 11, 22)
END = date(2026, 12, 31)
OFFER = f"[Offre][Foussier] Client Thierry Lhermitte - {CLIENT}"


def read(content: bytes) -> MailRequest:
    return read_request(content, TODAY)


def said(request: MailRequest, *names: str) -> tuple[Any, ...]:
    return tuple(getattr(request, name) for name in names)


def test_the_message_of_the_reference_is_read_whole() -> None:
    body = "Bonjour,\nmerci de mettre fin au service le 31/12/2026.\nMotif : cessation d'activité\n"
    assert read(letter(SUBJECT, body)) == MailRequest(
        kind="terminate",
        sender="jeanne@foussier.example",
        subject=SUBJECT,
        identifier="<1@foussier.example>",
        partner="Foussier",
        client_name="Thierry Lhermitte",
        client_id=CLIENT,
        end_of_contract_date=END,
        months=None,
        for_good=False,
        reason="cessation d'activité",
        problems=(),
        words="31/12/2026",
        claims=ClientClaims(name=("Thierry Lhermitte",)),
        text=body.strip(),
    )


@pytest.mark.parametrize(
    "subject",
    [
        f"[Resiliation][Foussier] Client Thierry Lhermitte - {CLIENT}",
        f"[RÉSILIATION] [Foussier]  CLIENT Thierry Lhermitte  -  {CLIENT}",
        f"Re: [Résiliation][Foussier] Client Thierry Lhermitte - {CLIENT}",
        f"TR : RE: Fwd: [résiliation][Foussier] client Thierry Lhermitte - {CLIENT}",
        f"[EXTERNAL] [Résiliation][Foussier] Client Thierry Lhermitte - {CLIENT}",
        f"[Termination][Foussier] Customer Thierry Lhermitte - {CLIENT}",
        f"[Arrêt du service][Foussier] Client : Thierry Lhermitte – {CLIENT}",
        f"[Fin de contrat][Foussier] Thierry Lhermitte — {CLIENT}.",
        f"[Cancel][Foussier] Client Thierry\r\n Lhermitte -\r\n {CLIENT}",
        (
            "=?utf-8?Q?=5BR=C3=A9siliation=5D?=\r\n =?utf-8?B?W0ZvdXNzaWVyXQ==?= Client Thierry"
            f" =?utf-8?B?TGhlcm1pdHRlIC0=?= {CLIENT}"
        ),
        f"=?iso-8859-1?q?=5BR=E9siliation=5D?=[Foussier] Client Thierry Lhermitte - {CLIENT}",
        f"[Résiliation][Foussier] Client Thierry Lhermitte - {CLIENT}".encode("cp1252"),
        f"[Re\u0301siliation][Foussier] Client Thierry\u00a0Lhermitte - \u200b{CLIENT}",
        f"=?x-none?q?=5BR=E9siliation=5D?= [Foussier] Client Thierry Lhermitte - {CLIENT}",
    ],
)
def test_a_termination_is_known_by_its_subject(subject: str | bytes) -> None:
    found = read(letter(subject))
    assert said(found, "kind", "client_id", "client_name", "end_of_contract_date") == (
        "terminate", CLIENT, "Thierry Lhermitte", END,
    )  # fmt: skip
    assert found.partner == "Foussier"


@pytest.mark.parametrize(
    ("subject", "body", "months", "for_good"),
    [
        (OFFER, "Merci d'offrir 6 mois à ce client.", 6, False),
        (OFFER, "Merci d'offrir six (6) mois. Il est client depuis 2 ans.", None, False),
        (OFFER, "Client depuis 24 mois, bravo.\nMerci de lui offrir 3 mois.", 3, False),
        (OFFER, "Nombre de mois : 12", 12, False),
        (OFFER, "Durée: 1 an", 12, False),
        (OFFER, "Please offer him two months for free.", 2, False),
        (OFFER, "À offrir définitivement, c'est le gérant.", None, True),
        (OFFER.replace("Offre", "Offer"), "The service is free for good.", None, True),
        (OFFER.replace("Offre", "Offrir le service 4 mois"), "", 4, False),
        (OFFER.replace("Offre", "Geste commercial"), "Offert : 500 mois", None, False),
        (OFFER, "Bonjour, voyez ce que vous pouvez faire.", None, False),
        (OFFER, "Offrir 6 mois, ou pour toujours.", None, False),
        (
            OFFER,
            "offrir 2 mois\n> ancien : offrir 9 mois\nLe 1er mai, X a écrit :\n8 mois",
            2,
            False,
        ),
        ("Tr: " + OFFER, "-----Message d'origine-----\nDe : X\n\n> offrir 5 mois", 5, False),
    ],
)
def test_an_offer_says_how_many_months(
    subject: str, body: str, months: int | None, for_good: bool
) -> None:
    found = read(letter(subject, body))
    assert said(found, "kind", "months", "for_good") == ("offer", months, for_good)
    assert bool(found.problems) == (months is None and not for_good)


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("le 31 décembre 2026", END),
        ("au 31.12.26", END),
        ("à compter du 1er janvier 2027", date(2027, 1, 1)),
        ("fin décembre 2026", END),
        ("à la fin du mois", date(2026, 11, 30)),
        ("on December 31st, 2026", END),
        ("effective 2026-12-31", END),
        ("31/02/2027", None),
        ("le 31/12/2026 ou le 31/01/2027", None),
        ("dès que possible", None),
    ],
)
def test_a_termination_says_its_day(written: str, day: date | None) -> None:
    found = read(
        letter(SUBJECT, f"Reçu votre appel du 02/11/2026.\nRésiliation {written}, merci.\n")
    )
    assert found.end_of_contract_date == day
    assert bool(found.problems) == (day is None)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("Fin le 31/12/2026. Motif : cœur & santé", "cœur & santé"),
        ("Raison de la résiliation :\nretraite", "retraite"),
        ("- Reason: moved away", "moved away"),
        ("Il arrête parce qu'il part. Merci.", "parce qu'il part"),
        ("On arrête suite à un décès.", "suite à un décès"),
        ("Le motif est connu.", None),
        ("Motif : " + "x" * 2000, "x" * 500),
    ],
)
def test_a_request_says_why(body: str, reason: str | None) -> None:
    assert read(letter(SUBJECT, body)).reason == reason


@pytest.mark.parametrize(
    ("head", "body"),
    [
        multipart(
            "Content-Type: text/html\n\n<p>fin le 01/01/2030</p>",
            "Content-Type: text/plain; charset=utf-8\n\nfin le 31/12/2026",
        ),
        multipart(
            "Content-Type: text/plain\nContent-Disposition: attachment\n\nfin le 01/01/2030",
            "Content-Type: text/plain\n\nfin le 31/12/2026",
            kind="mixed",
        ),
        multipart(
            "Content-Type: message/rfc822\n\nSubject: x\n\nfin le 01/01/2030",
            "Content-Type: text/html\n\n<style>p{}</style><div>fin le</div> <b>31/12/</b>2026",
            kind="mixed",
        ),
        ("Content-Type: text/plain\nContent-Transfer-Encoding: base64", "ZmluIGxlIDMxLzEyLzIwMjY="),
        (
            "Content-Transfer-Encoding: quoted-printable\nContent-Type: text/plain; charset=latin1",
            "r=E9siliation le 31 d=E9cembre=\n 2026",
        ),
        ("Content-Type: text/plain; charset=utf-16-hidden", "fin le 31/12/2026"),
        ("Content-Type: text/plain; charset=punycode", "fin le 31 décembre 2026"),
        ("Content-Type: multipart/mixed", "fin le 31/12/2026"),
        ("", "fin le 31/12/2026"),
    ],
)
def test_the_text_is_found_in_whatever_form_it_came(head: str, body: str) -> None:
    found = read(letter(SUBJECT, body, head=head))
    wanted = None if head == "Content-Type: multipart/mixed" else END
    assert found.end_of_contract_date in (END, wanted)


@pytest.mark.parametrize(
    "subject",
    [
        "Bonjour",
        "",
        "Résiliation Foussier Client Thierry Lhermitte - 12",
        "[Résiliation] Client Thierry Lhermitte - 12",
        "[Facture][Foussier] Client Thierry Lhermitte - 12",
        "[Offre de résiliation][Foussier] Client Thierry Lhermitte - 12",
        "[Résiliation][Foussier] Client Thierry Lhermitte",
        "[Résiliation][Foussier] Client Thierry Lhermitte - ",
        "[Résiliation][Foussier] Client Thierry Lhermitte - ../../12",
        "[Résiliation][Foussier] Client X - " + "9" * 101,
        "[[[[[[[[[[" * 150,
    ],
)
def test_what_asks_for_nothing_known_is_refused(subject: str) -> None:
    with pytest.raises(Rejection) as refused:
        read(letter(subject))
    assert refused.value.code == "MailNotARequest"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00" * 100,
        b"no header at all",
        letter(sender="nobody"),
        letter(sender="a@x.example, b@x.example"),
        letter(sender='"boss@foussier.example" <>'),
        letter(sender="boss@foussier.example <evil@x.example>"),
        letter(sender="<boss@foussier.example> <evil@x.example>"),
        letter(sender="Us: boss@foussier.example;"),
        letter(sender=b"J\xe9r\xf4me <j\xe9r\xf4me@foussier.example>"),
        letter(sender='(x " y) "<boss@foussier.example>" evil'),
        letter(sender="(boss@foussier.example"),
        letter(sender='"Boss" <boss@foussier.example> "x'),
        letter(sender="a@x.example\r\nFrom: boss@foussier.example"),
        letter(f"{SUBJECT}\r\nSubject: {OFFER}"),
        letter(head="Content-Type: text/plain\r\nMessage-ID: <2@x.example>"),
        letter(sender="a@x.example\x00"),
        letter("x\rFrom: boss@foussier.example").replace(b"x\r\nFrom", b"x\rFrom"),
        letter(head="\r\n".join(f"X-{n}: y" for n in range(1001))),
        letter(head="X: " + "y" * 70_000),
        letter(body="x" * (10 * 1024 * 1024)),
        letter(head="Content-Type: multipart/mixed; boundary=x", body="--x\n\na\n" * 3000),
        letter(
            head="", body="".join(f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n"
                                  for n in range(500)),
        ),
    ],
)  # fmt: skip
def test_what_is_no_message_that_two_readers_would_read_alike_is_refused(content: bytes) -> None:
    with pytest.raises(Rejection) as refused:
        read(content)
    assert refused.value.code == "MailUnreadable"


def test_a_name_in_quotes_or_a_comment_is_no_address() -> None:
    sender = '"boss@foussier.example, x" <Jeanne@FOUSSIER.example> (not boss@foussier.example)'
    found = read(letter(sender=sender))
    assert found.sender == "Jeanne@foussier.example"


def test_line_breaks_in_encoded_words_stay_in_the_subject() -> None:
    injected = "=?utf-8?q?=0D=0AFrom=3A_evil=40x=2Eexample=0D=0A?="
    found = read(letter(f"[Résiliation][Foussier] Client {injected} - {CLIENT}"))
    assert found.sender == "jeanne@foussier.example"
    assert found.client_name == "From: evil@x.example"
    assert "\n" not in found.subject


def test_a_message_without_an_identifier_is_known_by_its_content() -> None:
    one, two = (read(letter(body=body, identifier=None)) for body in ("fin", "fin."))
    assert one.identifier.startswith("sha256:")
    assert one.identifier != two.identifier
    assert one.identifier == read(letter(body="fin", identifier=None)).identifier


@pytest.mark.parametrize(
    "page", [b"<a " * 21_000, b'<a x="' * 10_000, b"<!--" * 16_000, b"&#" * 30_000, b"<![" * 20_000]
)
def test_a_page_without_an_end_takes_no_time(page: bytes) -> None:
    began = time.process_time()
    read(letter(head="Content-Type: text/html", body=page))
    assert time.process_time() - began < 1.0


@given(st.binary(max_size=300), st.binary(max_size=200), st.binary(max_size=300))
def test_whatever_bytes_come_it_is_read_or_refused(
    subject: bytes, kind: bytes, body: bytes
) -> None:
    head = f"Content-Type: text/{kind.decode('latin-1')}"
    with suppress(Rejection):
        found = read(letter(b"[Offre][F] x - " + subject, body, head=head))
        assert found.client_id.isprintable()
        assert len(found.client_id) <= 100
