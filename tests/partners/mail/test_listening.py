"""Mail is taken by SMTP: from known senders, for our recipients, once, within bounds."""

import smtplib
import socket
import ssl
from pathlib import Path

import psycopg
import pytest
from structlog.testing import capture_logs
from tests.partners.mail.conftest import mails, proposals
from tests.partners.mail.letters import CLIENT, SUBJECT, letter
from tests.partners.mail.posting import OURS, at_once, rules, send, sent, with_server
from tests.waiting import PATIENCE

from gerance.cli.certificate import self_signed
from gerance.partners.mail.connection_limits import ConnectionLimits


def test_a_termination_is_proposed_and_nothing_else_changes(database: str) -> None:
    body = "Fin au 31/12/2026.\nMotif : déménagement\n"
    code, text = send(database, letter(SUBJECT, body))
    (proposal,) = proposals(database)
    assert (code, text) == (250, "2.0.0 Received")
    assert (proposal["kind"], proposal["source"]) == ("terminate", "mail")
    assert (proposal["partner"], proposal["client_id"]) == ("FOUSSIER", CLIENT)
    assert (proposal["reason"], proposal["state"]) == ("déménagement", "open")
    assert proposal["details"] == {
        "end_of_contract_date": "2026-12-31",
        "claims": {"name": ["Thierry Lhermitte"]},
        "mail": {
            "sender": "jeanne@foussier.example",
            "authenticity": "none",
            "subject": SUBJECT,
            "client_name": "Thierry Lhermitte",
            "words": "31/12/2026",
        },
    }
    with psycopg.connect(database) as connection:
        assert connection.execute("select count(*) from event").fetchone() == (0,)


@pytest.mark.parametrize(
    ("body", "details"),
    [
        ("Offrez 6 mois.", {"months": 6}),
        ("À offrir définitivement.", {"months": None}),
        ("Bonjour.", {"problems": [["no_months", []]]}),
    ],
)
def test_an_offer_is_proposed(database: str, body: str, details: dict[str, object]) -> None:
    assert send(database, letter(SUBJECT.replace("Résiliation", "Offre"), body))[0] == 250
    (proposal,) = proposals(database)
    assert proposal["kind"] == "offer"
    assert {k: v for k, v in proposal["details"].items() if k not in ("mail", "claims")} == details


def test_an_unknown_client_is_a_problem_of_the_proposal(database: str) -> None:
    assert send(database, letter(SUBJECT.replace(CLIENT, "nobody")))[0] == 250
    (proposal,) = proposals(database)
    assert proposal["details"]["problems"] == [["unknown_client", ["FOUSSIER", "nobody"]]]


@pytest.mark.parametrize(
    ("sender", "subject", "reason"),
    [
        ("evil@x.example", SUBJECT, "evil@x.example is not known as a sender of any"),
        ("jean@foussier.example", SUBJECT, "not known as a sender of any partner"),
        ("a@sub.legallais.example", SUBJECT, "not known as a sender of any partner"),
        ("a@legallais.example", SUBJECT, "is not known as a sender of Foussier."),
        ("a@legallais.example", SUBJECT.replace("[Foussier]", "[NONE]"), "a sender of NONE."),
        ("a@closed.example", SUBJECT.replace("[Foussier]", "[CLOSED]"), "of any partner"),
    ],
)  # fmt: skip
def test_the_answer_does_not_tell_which_senders_are_known(
    database: str, sender: str, subject: str, reason: str
) -> None:
    """In every respect: what is wrong with a message is answered alike, whoever sent it."""
    known = "jeanne@foussier.example"
    with capture_logs() as logged:
        discarded = send(database, letter(subject, sender=sender), mail_from=sender)
    assert [each["reason"] for each in logged if reason in each.get("reason", "")]
    assert proposals(database) == []
    assert discarded == send(database, letter(subject, sender=known), mail_from=known)
    assert discarded == (250, "2.0.0 Received")
    for wrong in (letter("Bonjour", sender="X"), letter(SUBJECT.replace(CLIENT, ""), sender="X")):
        told = {send(database, wrong.replace(b"X", who.encode(), 1)) for who in (known, sender)}
        assert len(told) == 1
    required = rules(require_dkim=True, texts=lambda *_, **__: None)
    told = {
        (code, text.replace(who.rpartition("@")[2], "DOMAIN"))
        for who in (known, sender)
        for code, text in [send(database, letter(sender=who), required, mail_from=who)]
    }
    assert [code for code, _ in told] == [550]


@pytest.mark.parametrize(
    ("sender", "name"),
    [
        ("JEANNE@Foussier.Example", "foussier"),
        ("jeanne@foussier.example", "FOUSSIER"),
        ("jeanne@foussier.example", "Foussier  Quincaillerie"),
        ("anybody@legallais.example", "emile & cie"),
    ],
)
def test_a_partner_is_called_by_its_code_its_name_or_a_brand(
    database: str, sender: str, name: str
) -> None:
    content = letter(SUBJECT.replace("Foussier", name), sender=sender)
    assert send(database, content, mail_from=sender)[0] == 250


def test_an_envelope_of_another_domain_vouches_for_nobody(database: str) -> None:
    code, text = send(database, letter(), mail_from="jeanne@x.example")
    assert code == 550
    assert text.startswith("5.7.20 The message is not signed by foussier.example")
    assert send(database, letter(), mail_from="bounces@mail.foussier.example")[0] == 250


@pytest.mark.parametrize(
    ("content", "code", "reason"),
    [
        (letter("Bonjour"), 550, "5.6.0 The subject does not start with the request in brackets."),
        (letter(sender="a@x.example, b@x.example"), 554, "5.6.0 The header From is not one"),
        (letter().replace(b"Bonjour", b"Bon\x00jour"), 250, "Received"),
    ],
)
def test_what_is_no_request_is_refused_and_told_why(
    database: str, content: bytes, code: int, reason: str
) -> None:
    got, text = send(database, content)
    assert (got, len(proposals(database))) == (code, code == 250)
    assert reason in text
    assert text.isascii()


@pytest.mark.parametrize("to", ["boss@x.example", "x@gerance.example", f"{OURS}.x.example"])
def test_nothing_is_passed_on(database: str, to: str) -> None:
    code, text = send(database, letter(), to=to)
    assert (code, text[:5]) == (550, "5.7.1")
    assert proposals(database) == []


def test_a_whole_domain_may_be_written_to(database: str) -> None:
    assert send(database, letter(), to="Any@mail.GERANCE.example")[0] == 250


def test_the_same_message_twice_is_one_proposal(database: str) -> None:
    def twice(port: int) -> list[str]:
        return [sent(port, letter())[1] for _ in range(2)]

    first, second = with_server(database, twice)
    assert first == second
    assert len(proposals(database)) == len(mails(database)) == 1


def test_the_same_message_at_the_same_time_is_one_proposal(database: str) -> None:
    answers = at_once(database, [lambda port: sent(port, letter())[1]] * 8)
    assert len(set(answers)) == 1
    assert len(proposals(database)) == 1


def test_one_that_asks_the_same_again_joins_the_proposal_that_waits(database: str) -> None:
    for identifier in ("<1@x>", "<2@x>"):
        assert send(database, letter(identifier=identifier))[0] == 250
    (proposal,) = proposals(database)
    assert {mail[2] for mail in mails(database)} == {proposal["id"]}
    assert send(database, letter(body="fin le 31/01/2027", identifier="<3@x>"))[0] == 250
    assert len(proposals(database)) == 2


def test_one_partner_fills_no_queue_without_an_end(database: str) -> None:
    with psycopg.connect(database) as connection:
        connection.execute(
            "insert into partner_proposal (partner, client_id, kind, source, reason)"
            " select 'FOUSSIER', 'c' || n, 'offer', 'mail', '' from generate_series(1, 500) n"
        )
    # Who cannot prove to be the sender does not learn that it is one.
    assert send(database, letter()) == (250, "2.0.0 Received")
    assert len(proposals(database)) == 500
    trusting = rules(require_dkim=True, trusted_server="mx.gerance.example")
    vouched = b"Authentication-Results: mx.gerance.example; dkim=pass header.d=foussier.example"
    code, text = send(database, vouched + b"\r\n" + letter(), trusting)
    assert code == 452
    assert "500 proposals from mail of FOUSSIER wait" in text


def test_too_much_is_refused_while_it_comes(database: str) -> None:
    def large(port: int) -> list[int]:
        codes = [sent(port, letter(body="x" * 70 + "\n" + ("y" * 70 + "\n") * 4000))[0]]
        with smtplib.SMTP("127.0.0.1", port) as client:
            client.ehlo()
            codes.append(client.docmd("MAIL FROM:<jeanne@foussier.example> SIZE=200001")[0])
        return codes

    assert with_server(database, large) == [552, 552]
    assert proposals(database) == []


def test_lines_that_end_otherwise_are_refused(database: str) -> None:
    def smuggled(port: int) -> bytes:
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as client:
            answers = client.makefile("rb")
            answers.readline()
            for line in (
                b"HELO x",
                b"MAIL FROM:<jeanne@foussier.example>",
                f"RCPT TO:<{OURS}>".encode(),
                b"DATA",
            ):
                client.sendall(line + b"\r\n")
                answers.readline()
            client.sendall(letter() + b"\n.\nMAIL FROM:<a@b.example>\r\n.\r\n")
            return answers.readline()

    assert with_server(database, smuggled).startswith(b"554 5.6.0 The message has a line")
    assert proposals(database) == []


def test_recipients_commands_and_connections_are_counted(database: str) -> None:
    def many(port: int) -> tuple[list[int], int, str]:
        with smtplib.SMTP("127.0.0.1", port) as client:
            client.ehlo()
            client.mail("jeanne@foussier.example")
            codes = [client.rcpt(OURS)[0] for _ in range(11)]
            noops = [client.noop()[0] for _ in range(21)]
        open_ones = [smtplib.SMTP("127.0.0.1", port) for _ in range(3)]
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as late:
            told = late.makefile("rb").read().decode()
        for each in open_ones:
            each.close()
        return codes, noops[-1], told

    codes, last, told = with_server(database, many, doors=ConnectionLimits(most=5, most_of_one=3))
    assert codes == [250] * 10 + [452]
    assert last == 421
    assert told == "421 4.3.2 Too many connections, try again later\r\n"


def test_letters_beyond_ascii_in_the_envelope_harm_nobody(
    database: str, capfd: pytest.CaptureFixture[str]
) -> None:
    def spoken(port: int) -> int:
        with smtplib.SMTP("127.0.0.1", port, timeout=PATIENCE) as client:
            client.ehlo()
            client.command_encoding = "latin-1"
            client.docmd("MAIL FROM:<j\xe9\xff@x.example> SMTPUTF8")
            client.rcpt(OURS)
            return client.data(letter(sender="evil@x.example"))[0]

    assert with_server(database, spoken) == 250
    assert proposals(database) == []
    assert "Logging error" not in capfd.readouterr().err


def test_a_connection_ends_however_busy_it_is(database: str) -> None:
    def busy(port: int) -> bytes:
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as client:
            client.sendall(b"EHLO x\r\nNOOP\r\n")
            return client.makefile("rb").read()

    told = with_server(database, busy, doors=ConnectionLimits(seconds=0.3))
    assert told.endswith(b"250 OK\r\n")


def test_a_failure_of_ours_tells_strangers_nothing_and_they_try_again(database: str) -> None:
    def without_a_table(port: int) -> tuple[int, str]:
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute("alter table partner rename to hidden")
            try:
                return sent(port, letter())
            finally:
                connection.execute("alter table hidden rename to partner")

    code, text = with_server(database, without_a_table)
    assert (code, text) == (451, "4.3.0 The message cannot be accepted now, try again later")


def test_tls_is_offered_with_a_certificate_and_nobody_logs_in(
    database: str, tmp_path: Path
) -> None:
    certificate, key = self_signed(tmp_path, "localhost")
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate, key)
    trusting = ssl.create_default_context(cafile=str(certificate))

    def talk(port: int) -> tuple[bool, bool, int]:
        with smtplib.SMTP("localhost", port, timeout=PATIENCE) as client:
            client.starttls(context=trusting)
            client.ehlo()
            features = client.has_extn("auth"), client.has_extn("starttls")
            client.mail("jeanne@foussier.example")
            client.rcpt(OURS)
            return *features, client.data(letter())[0]

    assert with_server(database, talk, tls=server) == (False, False, 250)


def test_what_the_server_in_front_says_counts_if_it_is_trusted(database: str) -> None:
    trusting = rules(require_dkim=True, trusted_server="mx.gerance.example")

    def told(results: str) -> int:
        content = letter(head=f"Authentication-Results: {results}")
        return send(database, content, trusting)[0]

    good = "dkim=pass (2048-bit) header.d=foussier.example header.s=a"
    assert told(f"mx.gerance.example; spf=fail; {good}") == 250
    for results in (
        f"mx.evil.example; {good}",
        "mx.gerance.example; dkim=fail header.d=foussier.example",
        "mx.gerance.example; dkim=pass header.d=evil.example",
        "mx.gerance.example; dkim=pass header.d=example",
        "mx.gerance.example (dkim=pass header.d=foussier.example); none",
        f'mx.gerance.example; spf=fail smtp.mailfrom="x; {good}; y"@evil.example',
        f'mx.gerance.example; spf=fail (x " y) smtp.mailfrom="; {good}; "@evil.example',
        f"mx.gerance.example; spf=fail (x \\) y; {good}; z)",
        f'mx.gerance.example; spf=fail smtp.mailfrom="x; {good}',
        f"mx.evil.example; none\r\nAuthentication-Results: mx.gerance.example; {good}",
    ):
        assert told(results) == 550, results
    assert mails(database)[0][3] == "dkim, as mx.gerance.example says"
