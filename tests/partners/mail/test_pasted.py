"""What operators paste from their mail program is read like the message itself."""

from datetime import date

import pytest
from tests.partners.mail.letters import CLIENT, SUBJECT, letter

from gerance.kernel.errors import Rejection
from gerance.partners.mail.parser import read_request
from gerance.partners.mail.quoted_message import as_message

TODAY = date(2026, 11, 22)
BODY = "\nBonjour,\nFin : 31/12/2026.\nMotif : retraite\n"


@pytest.mark.parametrize(
    "pasted",
    [
        (
            f"De : Jeanne <jeanne@foussier.example>\nEnvoyé : lundi 23 novembre 2026 10:12\n"
            f"À : partenaires@gerance.example\nObjet : {SUBJECT}\n{BODY}"
        ),
        f"\ufeffDe: Jeanne [mailto:jeanne@foussier.example]\r\nObjet: TR: {SUBJECT}\r\n{BODY}",
        f"Objet : {SUBJECT}\nDate : 22/11/2026\nExpéditeur : jeanne@foussier.example\n{BODY}",
        f"From: jeanne@foussier.example\nSent: Monday\nTo: x@y.example\nSubject: {SUBJECT}\n{BODY}",
    ],
)
def test_a_paste_is_read(pasted: str) -> None:
    found = read_request(as_message(pasted.encode()), TODAY)
    assert (found.sender, found.client_id) == ("jeanne@foussier.example", CLIENT)
    assert (found.end_of_contract_date, found.reason) == (date(2026, 12, 31), "retraite")


def test_a_message_stays_as_it_is() -> None:
    assert as_message(letter()) == letter()
    inside = letter(body="De : evil@x.example\nObjet : x\n\nfin")
    assert as_message(inside) == inside


@pytest.mark.parametrize(
    "pasted", ["", "De : x", f"De : a@x.example\nDe : b@x.example\n{BODY}", "Bonjour\nObjet : x\n"]
)
def test_what_lacks_a_sender_or_a_subject_is_refused(pasted: str) -> None:
    with pytest.raises(Rejection):
        read_request(as_message(pasted.encode()), TODAY)
