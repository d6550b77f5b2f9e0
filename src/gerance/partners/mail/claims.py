"""What a message says of the client it is about: names, numbers, and ways to reach the client."""

import re
from collections.abc import Iterable

from gerance.kernel.folding import fold
from gerance.partners.proposals.comparison import Claims

MOST_OF_A_KIND = 5
MOST_CHARACTERS = 200

_LABELS = {
    "name": r"(?:nom|name|client|customer|societe|raison sociale|entreprise|enseigne|company)"
    r"(?: (?:du|de la) (?:client|societe))?(?: et prenom| complet)?|prenom et nom"
    r"|(?:client|customer|company) name",
    "number": r"(?:n°|no|num|numero|ref|reference|code|id|identifiant)\.? ?(?:de |du )?client"
    r"|client[_ -]?id|(?:client|customer) (?:number|code|id|no|reference)",
    "phone": r"tel|telephone|tel portable|portable|mobile|gsm|phone|phone number|fixe",
    "address": r"adresse|adresse postale|address|siege",
    "siret": r"siret|siren|n° ?(?:de )?siret",
}
_LABELLED = {
    kind: re.compile(rf"\s*[-•*]?\s*(?:{labels})\.?\s*[:=]\s*(?P<value>\S.*)")
    for kind, labels in _LABELS.items()
}
_EMAIL = re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-z0-9](?:[a-z0-9.-]{0,252}[a-z0-9])")
_ZIP_AND_CITY = re.compile(r"\s*\d{5}\s+\S.*")
_FAREWELL = re.compile(
    r"\s*(?:bien )?(?:cordialement|amicalement|respectueusement|sincerement|a vous|salutations"
    r"|best regards|kind regards|regards|sincerely|yours\b.*|cdt|cdlt)[\s,.!]*"
)


def read_claims(client_name: str | None, sender: str, lines: Iterable[str]) -> Claims:
    """What the subject (`client_name`) and the lines of the sender say of the client.

    What follows a farewell describes the sender; so do addresses of the sender's own domain.
    """
    claims: dict[str, dict[str, None]] = {kind: {} for kind in (*_LABELS, "email")}
    if client_name:
        claims["name"][client_name] = None
    own_domain = "@" + sender.rpartition("@")[2].lower()
    street = None
    for line in lines:
        plain = fold(line)
        if _FAREWELL.fullmatch(plain):
            break
        for email in _EMAIL.findall(plain):
            if not email.endswith(own_domain):
                claims["email"][email] = None
        if street is not None and _ZIP_AND_CITY.fullmatch(plain):
            claims["address"].pop(street)
            claims["address"][f"{street}, {line.strip()}"] = None
        street = None
        if (labelled := _labelled(line, plain)) is not None:
            kind, value = labelled
            claims[kind][value] = None
            street = value if kind == "address" else None
    return Claims(**{kind: tuple(values)[:MOST_OF_A_KIND] for kind, values in claims.items()})


def _labelled(line: str, plain: str) -> tuple[str, str] | None:
    """Kind and value of a line like `Téléphone : 01 99 00 12 34`."""
    for kind, labelled in _LABELLED.items():
        if labelled.fullmatch(plain):
            # Folding may change the length of a text; the colon is there in both.
            value = re.split("[:=]", line, maxsplit=1)[-1].strip()[:MOST_CHARACTERS]
            is_number = kind == "name" and sum(map(str.isdigit, value)) >= 3
            return (kind, value) if value and not is_number else None
    return None
