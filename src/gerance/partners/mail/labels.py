"""Labels in messages, as in `Nom/Prénom : Dupont`, and the property that they introduce."""

import re
from typing import Literal, NamedTuple

from gerance.kernel.fold import fold

Kind = Literal["name", "first", "last", "number", "email", "phone", "address", "siret"]

_KINDS: dict[str, Kind] = {
    **dict.fromkeys(
        ("name", "sociale", "societe", "entreprise", "enseigne", "company", "denomination"), "name"
    ),
    **dict.fromkeys(("nom", "noms", "surname"), "last"),
    **dict.fromkeys(("prenom", "prenoms"), "first"),
    **dict.fromkeys(("mail", "email", "courriel", "mel", "electronique"), "email"),
    **dict.fromkeys(
        ("tel", "telephone", "portable", "mobile", "gsm", "phone", "fixe", "telephonique"), "phone"
    ),
    **dict.fromkeys(
        ("adresse", "address", "postal", "postcode", "zip", "cp", "ville", "city", "town",
         "commune", "siege", "rue", "street", "domicile"), "address",
    ),
    **dict.fromkeys(("siret", "siren"), "siret"),
}  # fmt: skip
_CLIENT = frozenset(("client", "cliente", "customer", "clients"))
_NUMBER = frozenset(
    ("n°", "no", "num", "numero", "number", "ref", "reference", "code", "id", "identifiant")
)
_FILLERS = frozenset(
    ("de", "du", "des", "d", "la", "le", "l", "of", "the", "et", "and", "complet", "complete",
     "full", "raison", "e", "postale", "famille", "usage", "first", "last", "given", "family")
)  # fmt: skip
_OTHER = frozenset(
    ("motif", "raison", "cause", "reason", "pourquoi", "because", "date", "jour", "day", "fin",
     "end", "echeance", "effet", "effective", "depart", "debut", "start", "objet", "subject", "re",
     "duree", "duration", "mois", "month", "months", "offre", "offer", "offert", "offerts",
     "resiliation", "resilier", "termination", "demande", "request", "commentaire", "comment",
     "comments", "remarque", "remarques", "note", "notes", "nb", "ps", "precision", "campagne",
     "campaign", "civilite", "titre", "title", "de", "from", "a", "to", "cc", "envoye", "sent",
     "bonjour", "hello", "attention", "important", "urgent", "suivant", "suivante", "suivants",
     "following", "follows", "voici", "informations", "details", "service",
     "gratuit", "gratuits", "free")
)  # fmt: skip
_LABEL_WORD = re.compile(r"n°|[a-z]+")
_LABEL = re.compile(r"[a-z°/.,'’()&_ -]{1,60}")
_DECORATION = re.compile(r"[*_`|>#\s]+|[-•–—·]\s+|\d{1,2}[.)]\s+")
_SEPARATOR = re.compile(r"\s*(?:[-=]+>|[→⇒])\s*|\s*[:=：|\t](?!//)\s*|\s+[-–—]\s+|\s*[–—]\s*")
_TAG = re.compile(r"</?[A-Za-z]{1,10}>")
_SURE = re.compile(r"\s*[:=：]")


class LabelledLine(NamedTuple):
    """A line `label: value`. `kind` is None when the label is not recognised."""

    kind: Kind | None
    value: str


def read_label(line: str) -> LabelledLine | None:
    """The label and value of a line; None without a label, or with a label of something else, like
    a reason."""
    line = _undecorated(_TAG.sub("", line))
    separator = _SEPARATOR.search(line)
    if separator is None:
        return _without_separator(line)
    label = fold(line[: separator.start()]).strip("*_` ")
    value = line[separator.end() :].strip("*_`| \t")
    words = _LABEL_WORD.findall(label)
    if not words or len(words) > 6 or not _LABEL.fullmatch(label):
        return _without_separator(line)
    kind = _kind(words)
    if kind is not None:
        return LabelledLine(kind, value)
    if not _SURE.match(separator[0]) and (line_label := _without_separator(line)):
        return line_label
    if not _is_about_a_client(words) and (
        _OTHER.intersection(words) or len(words) > 4 or not _SURE.match(separator[0])
    ):
        return None
    return None if _OTHER.intersection(words) - _FILLERS else LabelledLine(None, value)


def _without_separator(line: str) -> LabelledLine | None:
    """A line like `Nom Dupont`: the longest label at its start, and the rest."""
    pieces = line.split()
    for count in range(min(len(pieces), 6), 0, -1):
        words = _LABEL_WORD.findall(fold(" ".join(pieces[:count])))
        if len(words) >= count and words[0] not in _FILLERS and (kind := _kind(words)):
            return LabelledLine(kind, " ".join(pieces[count:]).strip("*_`| "))
    return None


def _kind(words: list[str]) -> Kind | None:
    """The property that a label introduces, None unless all its words are recognised."""
    kinds = {_KINDS[word] for word in words if word in _KINDS}
    if set(words) - _KINDS.keys() - _CLIENT - _NUMBER - _FILLERS:
        return None
    if "email" in kinds:
        return "email" if kinds <= {"email", "address"} else None
    if "name" in kinds or {"first", "last"} <= kinds:
        if "name" in kinds and {"first", "given"}.intersection(words):
            return "first"
        if "name" in kinds and {"last", "family"}.intersection(words):
            return "last"
        return "name" if kinds <= {"name", "first", "last"} else None
    if len(kinds) == 1:
        return kinds.pop()
    if kinds or not _CLIENT.intersection(words):
        return None
    return "number" if _NUMBER.intersection(words) else "name"


def _is_about_a_client(words: list[str]) -> bool:
    return any(word in _KINDS or word in _CLIENT for word in words)


def _undecorated(line: str) -> str:
    """The line without leading marks of lists, tables and emphasis."""
    while decoration := _DECORATION.match(line):
        line = line[decoration.end() :]
    return line
