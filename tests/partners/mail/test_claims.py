"""Whatever way a message describes another client, an operator has to check it."""

from datetime import date

import pytest
from tests.partners.mail.letters import letter
from tests.partners.proposals.test_comparison import CLIENT, STORED

from gerance.partners.mail.parser import read_request
from gerance.partners.proposals.comparison import mismatches

SUBJECT = f"[Résiliation][Foussier] Client L'Hermitte - {CLIENT}"
TODAY = date(2026, 11, 30)


def checks(text: str) -> list[str]:
    """What an operator has to check of a message whose subject names the stored client."""
    body = f"Bonjour,\nmerci de résilier au 31/12/2026.\n{text}\nCordialement,\nJeanne\n"
    return [
        each.code for each in mismatches(STORED, read_request(letter(SUBJECT, body), TODAY).claims)
    ]


@pytest.mark.parametrize(
    ("problem", "texts"),
    [
        ("other_name", (
            "Nom : Dupont", "Nom/Prénom : Dupont", "**Nom** : Dupont", "**Nom :** Dupont",
            "Nom :\nDupont", "*Nom*\u00a0:\n\n  Dupont", "Nom – Dupont", "Nom - Dupont",
            "Nom Dupont", "NOM DUPONT", "| Nom | Dupont |", "1. Nom : Dupont", "• Nom → Dupont",
            "<b>Nom</b> : Dupont",
            "Nom de famille : Dupont\nPrénom : Anne", "Nom de l'entreprise : Dupont SARL",
            "Raison sociale – Dupont SARL", "Client Dupont", "Merci de résilier Mme Dupont.",
            "Notre client Dupont part.", "Customer name: Dupont", "Last name: Dupont",
            "Full name - Anne Dupont", "Company Dupont Ltd",
            "Please end the contract of Mr Dupont.",
            "First name: Anne\nLast name: L'Hermitte", "Client : Dupont (54d8b0fad5922248bf2f)",
        )),
        ("other_number", (
            "N° client : 12345", "Client n° 12345", "Code client 12345", "Client : 12345",
            "Customer number – 12345", "Merci de résilier le client 12345.", "Client ID: 12345",
            f"Client L'Hermitte - {CLIENT[:-1]}0",
        )),
        ("other_phone", (
            "Tel 01 99 00 99 99", "Tél. portable – 06 99 00 99 99", "__Téléphone__ : 0199009999",
            "Phone number:\n+33 1 99 00 99 99", "Mobile 06.99.00.99.99",
            "Il est joignable au 06 99 00 99 99.", "N° de téléphone : 01 99 00 99 99",
        )),
        ("other_address", (
            "Adresse du client : 3 place Bellecour 69002 Lyon", "Code postal : 69002",
            "Ville : Lyon", "CP 69002", "Ville Lyon", "Adresse :\n3 place Bellecour\n69002 Lyon",
            "Address of the customer: 3 place Bellecour", "City – Lyon", "ZIP code: 69002",
            "Il habite à 69002 Lyon.",
        )),
        ("other_email", ("Adresse mail : autre@lyon.example", "E-mail: jeanne2@foussier.example",)),
        ("other_siret", ("Siret 44306184100047", "N° SIREN – 443061841",
                         "Il a 443 061 841 00047.")),
        ("not_understood", (
            "Titulaire : Dupont", "Contact du client : Dupont", "Nom et téléphone : Dupont",
            "Account holder: Dupont", "Nom :", "Nom inchangé depuis 2020", "Mail : sans",
            "Merci de résilier monsieur dupont.", "Client : Dupont 12 rue des Lilas 69002",
        )),
    ],
)  # fmt: skip
def test_another_client_is_noticed_however_it_is_written(
    problem: str, texts: tuple[str, ...]
) -> None:
    assert {text: checks(text) for text in texts if problem not in checks(text)} == {}


def test_the_stored_client_needs_no_check_however_it_is_written() -> None:
    texts = (
        "Nom/Prénom : L'Hermitte Jean-François", "**Nom** : L'HERMITTE", "Nom :\nL'Hermitte",
        "Prénom : Jean-François\nNom : L'Hermitte", "Nom L'Hermitte", "Client n° " + CLIENT,
        f"Client L'Hermitte - {CLIENT}", "Tel 01 99 00 12 34", "CP : 75011\nVille : Paris",
        "Adresse du client : 12 avenue des Érables\n75011 Paris",
        "E-mail du client : jf@elan.example",
        "Merci de résilier M. L'Hermitte.", "First name: Jean-François\nLast name: L'Hermitte",
        "Siret : 732 829 320 00074", "Motif : départ en retraite", "Date de fin – 31/12/2026",
        "Raison : l'activité cesse (voir https://foussier.example/a)", "À 10:30 au plus tard.",
        "Le client souhaite arrêter.", "Bonjour Madame Martin, merci.", "NB : urgent",
        "Reason: he moves",
    )  # fmt: skip
    assert {text: checks(text) for text in texts if checks(text)} == {}
