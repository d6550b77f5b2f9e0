"""Problems that an operator checks before approval, in French and English."""

from collections.abc import Sequence
from typing import NamedTuple

from gerance.kernel.errors import Language
from gerance.partners.wording import typeset

_WORDS: dict[str, tuple[str, str]] = {
    "no_day": (
        "Le message n'indique pas le dernier jour du contrat.",
        "The message does not state the last day of the contract.",
    ),
    "no_such_day": (
        "La date indiquée dans le message n'existe pas.",
        "The date in the message does not exist.",
    ),
    "several_days": (
        "Le message indique plusieurs jours : {}.",
        "The message names several days: {}.",
    ),
    "no_year": (
        "Le message indique « {} », sans l'année. Le prochain de ces jours est le {}.",
        "The message says “{}”, without the year. The next such day is {}.",
    ),
    "vague_day": (
        "Le message indique « {} », ce qui n'est pas un jour précis.",
        "The message says “{}”, which is not an exact day.",
    ),
    "other_day": (
        "Le message indique « {} », mais pas comme fin du contrat.",
        "The message says “{}”, but not as the end of the contract.",
    ),
    "distant_day": (
        "Le {} est dans plus de cinq ans, ou passé depuis plus de trois ans.",
        "{} is more than five years ahead, or more than three years ago.",
    ),
    "no_months": (
        "Le message n'indique pas le nombre de mois.",
        "The message does not state the number of months.",
    ),
    "several_durations": (
        "Le message indique plusieurs durées en mois : {}.",
        "The message names several durations in months: {}.",
    ),
    "unclear_duration": (
        "Le message indique une durée qui n'est pas claire : « {} ».",
        "The message states a duration that is not clear: “{}”.",
    ),
    "months_and_for_good": (
        "Le message offre le service pour {} mois et sans limite de durée.",
        "The message offers the service for {} months, and for good.",
    ),
    "too_many_months": (
        "Une offre dure de 1 à {} mois, pas {}.",
        "An offer has 1 to {} months, not {}.",
    ),
    "unknown_client": ("{} n'a pas de client {}.", "{} has no client {}."),
    "lead": ("{} est un prospect, pas un client.", "{} is a lead, not a customer."),
    "other_name": (
        "Nom : le message dit « {} », le client enregistré est « {} ».",
        "Name: the message says “{}”, the stored client is “{}”.",
    ),
    "other_number": (
        "Numéro de client : le message indique aussi « {} », pas « {} ».",
        "Client number: the message also says “{}”, not “{}”.",
    ),
    "other_email": (
        "Adresse e-mail : le message dit « {} », le client enregistré a « {} ».",
        "E-mail address: the message says “{}”, the stored client has “{}”.",
    ),
    "other_phone": (
        "Téléphone : le message dit « {} », le client enregistré a « {} ».",
        "Phone: the message says “{}”, the stored client has “{}”.",
    ),
    "other_address": (
        "Adresse : le message dit « {} », le client enregistré a « {} ».",
        "Address: the message says “{}”, the stored client has “{}”.",
    ),
    "other_siret": (
        "SIRET : le message dit « {} », le client enregistré a « {} ».",
        "SIRET: the message says “{}”, the stored client has “{}”.",
    ),
    "not_understood": (
        "Le message contient un texte non reconnu sur le client : « {} ».",
        "The message has text about the client that was not recognised: “{}”.",
    ),
    "number_only": (
        "Le message identifie le client uniquement par son numéro, {} : rien ne le confirme.",
        "The message identifies the client only by the number {}: nothing confirms it.",
    ),
    # In proposals made before problems had codes.
    "sentence": ("{}", "{}"),
    "ended": ("Le contrat de {} a pris fin le {}.", "The contract of {} ended on {}."),
}

UNCLEAR_DAY = frozenset(("no_such_day", "several_days", "no_year", "vague_day", "other_day"))
"""Problems of a message that states a day, but not clearly."""


class ProposalProblem(NamedTuple):
    """A problem by its stored code, with the values in its text."""

    code: str
    values: Sequence[str] = ()


def sentence(problem: ProposalProblem, language: Language) -> str:
    """The problem in a language, on one line."""
    french, english = _WORDS[problem.code]
    return (typeset(french) if language == "fr" else english).format(*problem.values)
