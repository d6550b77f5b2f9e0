"""Of a reply the quotation does not count, of a forwarded message the head does not, whatever mail
program wrote them."""

from datetime import date

import pytest
from tests.partners.mail.letters import SUBJECT, letter, multipart

from gerance.kernel.errors import Rejection
from gerance.partners.mail.parser import MailRequest, read_request

TODAY = date(2026, 11, 30)
OLD = "Bonjour,\nMerci de résilier au 31/12/2026.\n"
NEW = "Finalement, merci de résilier au 31/01/2027.\nJeanne\n\n"
SENDER = "Jeanne <jeanne@foussier.example>"
WHEN = "lundi 2 novembre 2026 10:00"
BEGINNINGS = {
    "Outlook": f"De : {SENDER}\nEnvoyé : {WHEN}\nÀ : x <x@gerance.example>\nObjet : Arrêt\n\n",
    "Outlook with a line": f"{'_' * 32}\nDe : {SENDER}\nEnvoyé : {WHEN}\nÀ : x\nObjet : Arrêt\n\n",
    "Outlook in bold": f"*De :* {SENDER}\n*Envoyé :* {WHEN}\n*À :* x\n*Objet :* Arrêt\n\n",
    "Outlook in English": (
        f"From: {SENDER}\nSent: Monday, November 2, 2026 10:00 AM\nTo: x\nSubject: Stop\n\n"
    ),
    "a typographic apostrophe": (
        f"-----Message d\u2019origine-----\nDe : Jeanne\nEnvoyé : {WHEN}\n\n"
    ),
    "Zimbra": f'----- Mail original -----\nDe: "Jeanne" <j@x.example>\nEnvoyé: {WHEN}\n\n',
    "SFR": "-------- Message initial --------\nMessage du : 02/11/2026\nDe : Jeanne\nSujet : x\n\n",
    "Orange": "> Message du 02/11/26 10:00\n> De : Jeanne\n> A : x\n> Objet : Arrêt\n>\n",
    "Notes": "De :        Jeanne/FOUSSIER\nA :         x\nDate :      02/11/2026 10:00\n\n",
    "no date": f"{SENDER} a écrit :\n\n",
    "Gmail": f"Le lun. 2 nov. 2026 à 10:00, {SENDER} a écrit :\n\n",
    "Gmail over two lines": (
        "Le lun. 2 nov. 2026 à 10:00, Jeanne Dupont <j@x.example>\na écrit :\n\n"
    ),
    "Gmail in English": f"On Mon, Nov 2, 2026 at 10:00 AM {SENDER} wrote:\n\n",
    "Thunderbird": "Le 02/11/2026 à 10:00, Jeanne a écrit :\n",
}
HEADS = {
    **{
        name: BEGINNINGS[name]
        for name in ("Outlook", "Outlook in bold", "Outlook in English", "SFR")
    },
    "Apple Mail": (
        "Début du message transféré :\n\n> De: Jeanne <j@x.example>\n> Objet: Arrêt\n"
        "> Date: 2 novembre 2026 à 10:00:00 UTC+1\n> À: x@gerance.example\n>\n> "
    ),
    "Orange": BEGINNINGS["Orange"] + "> ",
    "Gmail": "---------- Forwarded message ---------\nDe : Jeanne\nDate: lun. 2 nov. 2026 à 10:00\n"
    "Subject: Arrêt\nTo: <x@gerance.example>\n\n\n",
    "Thunderbird": "-------- Message transféré --------\nSujet : Arrêt\n"
    "Date : Mon, 2 Nov 2026 10:00:00 +0100\nDe : Jeanne\nPour : x\n\n\n",
}  # fmt: skip


def read(
    subject: str, body: str, head: str = "Content-Type: text/plain; charset=utf-8"
) -> MailRequest:
    return read_request(letter(subject, body, head=head), TODAY)


@pytest.mark.parametrize("name", BEGINNINGS)
def test_what_a_reply_quotes_is_not_the_senders(name: str) -> None:
    found = read(f"RE: {SUBJECT}", NEW + BEGINNINGS[name] + OLD)
    assert (found.end_of_contract_date, found.problems) == (date(2027, 1, 31), ())
    silent = read(f"RE: {SUBJECT}", "Oui, je confirme.\n\n" + BEGINNINGS[name] + OLD)
    assert (silent.end_of_contract_date, silent.problems[0].code) == (None, "no_day")


@pytest.mark.parametrize("name", HEADS)
def test_the_head_of_a_forwarded_message_says_no_day(name: str) -> None:
    asap = "Merci de résilier dès que possible.\n"
    found = read(f"TR : {SUBJECT}", "Pour information.\n\n" + HEADS[name] + asap)
    assert (found.end_of_contract_date, found.problems[0].code) == (None, "no_day")
    dated = read(f"TR : {SUBJECT}", HEADS[name] + "Merci de résilier au 31/12/2026.\n")
    assert dated.end_of_contract_date == date(2026, 12, 31)


def test_what_looks_like_a_head_in_a_request_is_the_senders() -> None:
    body = "Nom : Lhermitte\nDate de fin : 31/12/2026\nObjet : arrêt\nMotif : retraite\n"
    assert read(SUBJECT, body).end_of_contract_date == date(2026, 12, 31)


@pytest.mark.parametrize(
    "head",
    [
        "Auto-Submitted: auto-replied", "Auto-Submitted: auto-generated; x=y",
        "Precedence: auto_reply", "X-Autoreply: yes",
        "Content-Type: multipart/report; report-type=delivery-status",
    ],
)  # fmt: skip
def test_what_a_program_sends_is_no_request(head: str) -> None:
    with pytest.raises(Rejection, match="A program sent the message") as rejection:
        read(f"Re: {SUBJECT}", "Absente, de retour le 11/12/2026.\n", head)
    assert rejection.value.code == "MailNotARequest"
    assert read(SUBJECT, "Fin le 31/12/2026.\n", "Auto-Submitted: no").problems == ()


PLAIN, PAGE = "Content-Type: text/plain; charset=utf-8", "Content-Type: text/html; charset=utf-8"
LATIN = "Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: 8bit"


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (PLAIN, "Merci de mettre un terme au service au 31 décembre\n2026. Merci.\n"),
        (PLAIN + "; format=flowed", "Merci de mettre un terme au service au 31 \ndécembre 2026.\n"),
        (PAGE, "<p>Merci de résilier au 31 décembre\n2026</p>"),
        (PAGE, "<p>Merci de résilier au 31 décembre<br>2026</p>"),
        multipart(f"{PLAIN}\n\n\n", f"{PAGE}\n\n<p>Fin le 31/12/2026</p>"),
        multipart(f"{PLAIN}\n\nThis message is in HTML.\n", f"{PAGE}\n\n<p>Fin le 31/12/2026</p>"),
        (LATIN, "résilié au 31 décembre 2026"),
    ],
)
def test_a_day_is_read_over_lines_and_parts(head: str, body: str) -> None:
    assert read(SUBJECT, body, head).end_of_contract_date == date(2026, 12, 31)


@pytest.mark.parametrize(
    "before",
    [
        "Rép : ", "Réf. : ", "Réponse : ", "Transféré : ", "Transf : ", "*** SPAM *** ",
        "RE: TR : ", "[SPAM] Rép : ", "Réf. : Rép : ",
    ],
)  # fmt: skip
def test_programs_and_filters_write_before_the_subject(before: str) -> None:
    assert read(before + SUBJECT, "au 31/12/2026\n").end_of_contract_date == date(2026, 12, 31)


def test_windows_1252_is_read_where_latin_1_is_said() -> None:
    words = SUBJECT.replace(" - ", " \u2013 ").encode("cp1252")
    quoted = "".join(f"={byte:02X}" for byte in words)
    found = read(f"=?iso-8859-1?Q?{quoted}?=", "au 31/12/2026\n")
    assert found.end_of_contract_date == date(2026, 12, 31)
