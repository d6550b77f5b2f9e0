"""Texts are compared alike by Python and by the database."""

import sys
import unicodedata
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gerance.kernel.fold import fold, place_key, words

Connection = psycopg.Connection[Any]

EXAMPLES = {
    "": "",
    "Œuvre": "oeuvre",
    "œuvre ÆSIR æsir": "oeuvre aesir aesir",
    "Été": "ete",
    "Straße": "strasse",
    "Łódź łódź": "lodz lodz",
    "Øre øre Đà đà": "ore ore da da",
    "ＡＢＣ１２３": "abc123",
    "İstanbul": "istanbul",
    "e\u0301\u0327 E\u0327\u0301": "e e",
    "ﬁn №5 ²": "fin no5 2",
    "Ǽ ǽ Ǿ": "ae ae o",
    "ẞ": "ss",
    "L’Haÿ-les-Roses\u00a0?": "l’hay-les-roses ?",
}

# Without what is not in both versions of Unicode: each knows its own.
TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cn"), exclude_characters="\x00"))


@pytest.fixture(scope="module")
def connection(database: str) -> Iterator[Connection]:
    with psycopg.connect(database, autocommit=True) as connection:
        yield connection


def folded(connection: Connection, texts: list[str]) -> list[str]:
    """The texts as the database folds them."""
    rows = connection.execute(
        "SELECT fold(t) FROM unnest(%s::text[]) WITH ORDINALITY AS u (t, nth) ORDER BY nth", [texts]
    )
    return [text for (text,) in rows.fetchall()]


def test_known_texts_lose_their_accents_and_their_case(connection: Connection) -> None:
    assert {text: fold(text) for text in EXAMPLES} == EXAMPLES
    assert folded(connection, list(EXAMPLES)) == list(EXAMPLES.values())


PLACES = {
    "Saint-Denis": "saint denis",
    "SAINT DENIS": "saint denis",
    "St-Denis": "saint denis",
    "St. Denis": "saint denis",
    "Saint\u2011Denis": "saint denis",
    "Saint\u202fDenis": "saint denis",
    " Ste  Foy\tlès Lyon ": "sainte foy les lyon",
    "L’Haÿ-les-Roses": "l hay les roses",
    "Stains": "stains",
    "St St St": "saint st saint",
    "-": "",
}


def test_the_names_of_a_place_have_one_key(connection: Connection) -> None:
    assert {text: place_key(text) for text in PLACES} == PLACES
    rows = connection.execute(
        "SELECT place_key(fold(t)) FROM unnest(%s::text[]) WITH ORDINALITY AS u (t, nth)"
        " ORDER BY nth",
        [list(PLACES)],
    )
    assert [key for (key,) in rows] == list(PLACES.values())
    characters = "".join(chr(code) for code in range(1, 0x3000))
    texts = [f"a{character}b" for character in characters]
    rows = connection.execute("SELECT t, place_key(fold(t)) FROM unnest(%s::text[]) AS t", [texts])
    assert [text for text, key in rows if place_key(text) != key] == []


def test_every_character_is_folded_alike(connection: Connection) -> None:
    characters = [
        character
        for character in map(chr, range(1, sys.maxunicode + 1))
        if unicodedata.category(character) not in ("Cs", "Cn", "Co")
    ]
    of_database = folded(connection, characters)
    assert {
        character: (fold(character), theirs)
        for character, theirs in zip(characters, of_database, strict=True)
        if fold(character) != theirs
    } == {}


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(texts=st.lists(TEXTS, min_size=1, max_size=20))
def test_any_texts_are_folded_alike(connection: Connection, texts: list[str]) -> None:
    assert folded(connection, texts) == [fold(text) for text in texts]


@settings(deadline=None)
@given(TEXTS)
def test_a_folded_text_stays_as_it_is(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_words_are_letters_and_digits() -> None:
    assert words("L'Été_2016 : réf. 12-B, œuvre !") == [
        "l", "ete", "2016", "ref", "12", "b", "oeuvre",
    ]  # fmt: skip
    assert words("… _ - !") == []
