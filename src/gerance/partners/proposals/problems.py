"""What an operator must see to before a proposal can be approved, in French and in English."""

from collections.abc import Sequence
from typing import NamedTuple

from gerance.partners.wording import Language

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
    return (french if language == "fr" else english).format(*problem.values)
