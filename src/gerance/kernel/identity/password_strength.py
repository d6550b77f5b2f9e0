"""How easily an attacker who knows the user and the product guesses a new password."""

import re
from collections.abc import Iterable

from gerance.kernel.fold import fold, words

MIN_SCORE = 3
SCORED_LENGTH = 20
"""Characters whose strength is estimated: the time grows fast with them, to 0.1 s of CPU here and
0.6 s for 32."""
MIN_OWN = 8
"""Letters and digits that are left of a password when the words everybody expects are taken out."""

EXPECTED = (
    "gerance", "gestion", "gestionnaire", "syndic", "syndicat", "immeuble", "immobilier",
    "copropriete", "locataire", "bailleur", "proprietaire", "logement", "batiment", "residence",
    "appartement", "loyer", "agence", "cabinet", "societe", "entreprise", "patrimoine",
    "incident", "ticket", "gardien", "plomberie", "admin", "administrateur", "utilisateur",
    "demo", "motdepasse", "secret", "azerty", "qwerty", "bonjour", "bonsoir", "bienvenue",
    "coucou", "soleil", "doudou", "loulou", "chouchou", "chocolat", "princesse", "jetaime",
    "amour", "maison", "famille", "vacances", "papillon", "football", "france", "paris",
    "marseille", "lyon", "toulouse", "bordeaux", "lille", "nantes", "nicolas", "julien",
    "camille", "thomas",
)  # fmt: skip
"""Words of the product, and of passwords in French that are found often."""


MAX_DECORATION_DIGITS = 8
"""Digits of a date. More of them count as a password of their own."""

_LETTERS = {"@": "a", "4": "a", "3": "e", "€": "e", "1": "i", "0": "o", "5": "s", "$": "s"}
_SUBSTITUTE = re.compile(r"(?<=[^\W\d_])[@43€10$5](?=[^\W\d_])")
"""A sign or digit that stands for a letter within a word."""
_DECORATED_WORD = re.compile(
    r"[\W\d_]*(?:(?:le|la|les|un|une|mon|ma|mes|the|my|our)[\W_]+)?[^\W\d_]{3,15}[\W\d_]*"
)


def easy_to_guess(password: str, about: Iterable[str | None]) -> bool:
    """Whether it is. `about`: login and names of the user, and what else a guesser tries first."""
    # Not before a password is set: its word lists take time and memory to load.
    from zxcvbn import zxcvbn

    text = _without_repetitions(fold(password))
    if _is_decorated_word(text):
        return True
    guesses = [*_pieces(about), *EXPECTED]
    return _own("".join(words(text)), guesses) < MIN_OWN or (
        zxcvbn(text[:SCORED_LENGTH], guesses)["score"] < MIN_SCORE
    )


def _is_decorated_word(text: str) -> bool:
    """Whether the text is one word with some digits and signs, like `chateau2026!!`.

    No list has all words of all languages, and guessers try each of theirs with years and signs.
    """
    plain = _SUBSTITUTE.sub(lambda match: _LETTERS[match[0]], text)
    if len(re.findall(r"\d", plain)) > MAX_DECORATION_DIGITS:
        return False
    return _DECORATED_WORD.fullmatch(plain) is not None


def _pieces(about: Iterable[str | None]) -> list[str]:
    """Each text, the part of a login before the @, their words, and these without separators."""
    pieces: list[str] = []
    for text in filter(None, about):
        local = text.partition("@")[0]
        pieces += [fold(text), fold(local), "".join(words(local)), *words(text)]
    return [each[:SCORED_LENGTH] for each in dict.fromkeys(pieces) if len(each) > 2]


def _own(text: str, common_words: list[str]) -> int:
    """How many letters and digits there are beside known words; all, where there is none."""
    for word in sorted(common_words, key=len, reverse=True):
        text = text.replace(word, " ")
    return sum(map(len, words(text)))


def _without_repetitions(text: str) -> str:
    """The text with each word once, also where it is repeated without a separator."""
    text = re.sub(r"(.{2,64}?)\1+", r"\1", text)
    return "".join(dict.fromkeys(re.split(r"([^\W\d_]{2,})", text)))
