"""A single word with a year and a sign is easy to guess, in any language; several words are not."""

import pytest

from gerance.kernel.identity.password_strength import easy_to_guess

DECORATED_WORDS = (
    "Chateau2026!!", "Château2025!", "Fontaine1985!!", "!Montagne2026!", "2026-Coccinelle",
    "C0ccinelle2025!", "Ch@teau2026!!", "Mon château 2026!", "Bibliothèque01/09", "les-mouettes-77",
    "Fontainebleau.2026?", "Kingfisher2026!!", "The castle 1999!", "Butt3rcup2026!",
    "$Lighthouse2026$", "Wintertime-2026!!", "Bumblebee31.12.2025",
)  # fmt: skip
STRONG = (
    "four walls, no roof 2031", "une longue phrase de passe", "tiroir violon nuage 2026",
    "lampe-cheval-orage-77", "moulin parapluie 2026!", "velvet anchor trombone 12",
    "dN4-xq7Trw2m", "kW9fPz2xQmT4", "Xk2_wPq9-Lr4zBn8tVc", "cheval83920174652bleu",
)  # fmt: skip


@pytest.mark.parametrize("password", DECORATED_WORDS)
def test_a_word_with_a_year_and_signs_is_easy_to_guess(password: str) -> None:
    assert easy_to_guess(password, ["chef@gerance.example", "Camille", "Moreau"])


@pytest.mark.parametrize("password", STRONG)
def test_several_words_and_random_characters_are_not(password: str) -> None:
    assert not easy_to_guess(password, ["chef@gerance.example", "Camille", "Moreau"])
