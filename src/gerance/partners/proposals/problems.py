"""What an operator must see to before a proposal can be approved, in French and in English."""

from collections.abc import Sequence
from typing import NamedTuple

from gerance.kernel.errors import Language
from gerance.partners.wording import typeset

_WORDS: dict[str, tuple[str, str]] = {
    "no_day": (
        "Le message ne dit pas quel jour le contrat prend fin.",
        "The message names no day of the end.",
    ),
    "no_such_day": (
        "Le jour que le message nomme n'existe pas.",
        "The day in the message is none.",
    ),
    "several_days": (
        "Le message nomme plusieurs jours : {}.",
        "The message names several days: {}.",
    ),
    "no_months": (
        "Le message ne dit pas combien de mois.",
        "The message does not say how many months.",
    ),
    "several_durations": (
        "Le message nomme plusieurs durées en mois : {}.",
        "The message names several durations in months: {}.",
    ),
    "months_and_for_good": (
        "Le message offre le service pour {} mois, et sans limite.",
        "The message offers the service for {} months, and for good.",
    ),
    "too_many_months": (
        "Une offre va de 1 à {} mois, non {}.",
        "An offer has 1 to {} months, not {}.",
    ),
    "unknown_client": ("{} n'a pas de client {}.", "{} has no client {}."),
    "lead": ("{} est un prospect, non un client.", "{} is a lead, no customer."),
    "other_name": (
        "Nom : le message dit « {} », le client enregistré est « {} ».",
        "Name: the message says “{}”, the stored client is “{}”.",
    ),
    "other_number": (
        "Numéro de client : le message dit aussi « {} », non « {} ».",
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
        "Le message dit du client ce qui n'a pas été compris : « {} ».",
        "The message says something of the client that was not understood: “{}”.",
    ),
    "number_only": (
        "Le message ne désigne le client que par son numéro, {} : rien ne le confirme.",
        "The message names the client by the number {} only: nothing confirms it.",
    ),
    # In proposals made before problems had codes.
    "sentence": ("{}", "{}"),
    "ended": ("Le contrat de {} a pris fin le {}.", "The contract of {} ended on {}."),
}

UNCLEAR_DAY = frozenset(("no_such_day", "several_days"))
"""Those that leave open which day is meant, though one is."""


class Problem(NamedTuple):
    """`code`: a name of what is wrong, as it is kept; `values`: what its words speak of."""

    code: str
    values: Sequence[str] = ()


def sentence(problem: Problem, language: Language) -> str:
    """The problem in a language, on one line."""
    french, english = _WORDS[problem.code]
    return (typeset(french) if language == "fr" else english).format(*problem.values)
