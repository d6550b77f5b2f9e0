"""What can be wrong with a parameter, in French and in English; all of it in one text."""

from collections.abc import Iterable
from typing import NamedTuple

from gerance.kernel.errors import MOST_PROBLEMS, Rejection

REASONS: dict[str, tuple[str, str]] = {
    "missing": ("paramètre obligatoire absent", "missing, and mandatory"),
    "missing_phone": (
        "phone_number ou cell est obligatoire",
        "phone_number or cell is mandatory",
    ),
    "twice": ("donné plusieurs fois", "given more than once"),
    "no_text": ("un texte est attendu", "expected a text"),
    "long": ("{most} caractères au plus", "at most {most} characters"),
    "control": ("contient un caractère interdit", "has a character that is not allowed"),
    "email": ("adresse électronique attendue", "expected an e-mail address"),
    "phone": (
        "numéro de téléphone français ou au format E.164 attendu",
        "expected a French telephone number, or one as E.164 has it",
    ),
    "siret": (
        "SIREN de 9 chiffres ou SIRET de 14 chiffres attendu, clé comprise",
        "expected a SIREN of 9 digits or a SIRET of 14, with its check digit",
    ),
    "country": (
        "nom de pays en français ou en anglais, ou code ISO 3166 attendu",
        "expected the name of a country in French or English, or its ISO 3166 code",
    ),
    "typology": ("typologie inconnue", "unknown typology"),
    "source": ("source inconnue pour ce partenaire", "unknown source of this partner"),
    "campaign": ("campagne inconnue pour ce partenaire", "unknown campaign of this partner"),
    "day": ("date AAAA-MM-JJ attendue", "expected a date YYYY-MM-DD"),
    "months": (
        "nombre de mois de 1 à 120 attendu, ou null pour toujours",
        "expected a number of months from 1 to 120, or null for good",
    ),
    "limit": ("nombre de 1 à {most} attendu", "expected a number from 1 to {most}"),
    "outcome": ("issue inconnue", "unknown outcome"),
    "status": ("état inconnu", "unknown status"),
    "other_partner": (
        "ce code n'est pas celui du jeton",
        "this is not the code of the token's partner",
    ),
}


class ParameterProblem(NamedTuple):
    """A parameter, and the name of what is wrong with it. `most`: a limit that it exceeds."""

    parameter: str
    reason: str
    most: int = 0


class WrongParameter(ValueError):
    """A value is not what its parameter needs; the argument is the name of the reason."""

    def __init__(self, reason: str, most: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.most = most


def reject_parameters(
    problems: Iterable[ParameterProblem],
    code: str = "InvalidParameters",
) -> Rejection:
    """The rejection that names the parameters that are wrong, `MOST_PROBLEMS` of them at most."""
    limited = list(problems)[:MOST_PROBLEMS]
    french = [f"{w.parameter} : {REASONS[w.reason][0].format(most=w.most)}" for w in limited]
    english = [f"{w.parameter}: {REASONS[w.reason][1].format(most=w.most)}" for w in limited]
    return Rejection(code, "; ".join(english), french=" ; ".join(french))
