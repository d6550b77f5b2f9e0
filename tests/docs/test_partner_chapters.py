"""The guide for partners has every chapter and section of the document that partners know."""

import re
from pathlib import Path

GUIDE = Path(__file__).parents[2] / "docs/how-to/integrate-as-a-partner.md"
CHAPTERS = {
    "1. API: mock-up and activation": {
        "Fonctionnement de l'API": "How the API works",
        "Structure des données de l'API": "The data",
        "Demande de création de maquette": "Ask for a mock-up, free of charge",
        "Activation du service": "Activate the paid service",
        "Exemples de code": "Examples of code",
    },
    "2. Files: the customers to bill": {
        "Structure des données": "The data of a file",
        "Format de fichier": "The format",
        "Dépot du fichier": "Exchange the files",
    },
    "3. Receive webhooks": {
        "Fonctionnement d'un webhooks": "Set up the endpoint",
        "Structure des données transmises via webhooks": "Parameters of a webhook",
        "Evénements pris en compte": "The events",
    },
    "4. By mail and telephone": {
        "Offrir le service à un client": "Offer the service to a customer",
        "Vous souhaitez l'arrêt du service": "End the service of a customer",
    },
}
"""Our headings; those of sections by the words of the reference's table of contents (reference/004,
Sommaire)."""

_FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^(#{2,3}) (.+)$", re.MULTILINE)


def sections() -> list[tuple[str, str, str]]:
    """Level (`##` or `###`), heading and own text of each, examples left out."""
    text = _FENCE.sub("", GUIDE.read_text(encoding="utf-8"))
    _, *parts = _HEADING.split(text)
    return list(zip(parts[::3], parts[1::3], parts[2::3], strict=True))


def test_every_section_of_the_reference_is_there_in_its_order() -> None:
    wanted = []
    for chapter, named in CHAPTERS.items():
        wanted += [("##", chapter), *(("###", heading) for heading in named.values())]
    assert [(level, heading) for level, heading, _ in sections()] == wanted


def test_no_section_is_empty() -> None:
    words = {heading: len(text.split()) for level, heading, text in sections() if level == "###"}
    assert {heading: count for heading, count in words.items() if count < 25} == {}
