"""`matchesPattern` takes ECMAScript's patterns and never answers by another grammar's."""

import re

import psycopg
import pytest

from gerance.kernel.odata.errors import LimitExceeded, NotSupported
from gerance.kernel.odata.plan.patterns import as_database

TEXTS = [
    "",
    "B1",
    "1000PINS ",
    "a.b",
    "a\nb",
    "Érable",
    "x[1]",
    "()",
    "***",
    "tab\there",
    "a-b",
    "aaa",
]
PATTERNS = [
    r"^\d+", r"^[A-Z]\d$", "a.b", r"a\.b", "^.*$", r"\[\d\]", r"[\[\]]", r"^\S+$", r"^[^\s]+$",
    "(?:a|b){2,}", "a(?=a)", "^(?!B)", r"\*{3}", r"\t", "[a-c-]", r"[\w.]+b$", "a{2}", r"\W",
]  # fmt: skip


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_finds_what_ecmascript_finds(database: str, pattern: str) -> None:
    expected = [text for text in TEXTS if re.search(pattern.replace("$", r"\Z"), text, re.ASCII)]
    with psycopg.connect(database) as connection:
        found = connection.execute(
            "SELECT t FROM unnest(%s::text[]) WITH ORDINALITY AS u (t, n) WHERE t ~ %s ORDER BY n",
            [TEXTS, as_database(pattern, "$filter")],
        ).fetchall()
    assert [row[0] for row in found] == expected


@pytest.mark.parametrize(
    "pattern", [r"(a)\1", r"\bB", "(?<=a)b", "(?<n>a)", r"\p{L}", r"[\D]", "a\\"]
)
def test_what_the_database_has_no_words_for_is_not_supported(pattern: str) -> None:
    with pytest.raises(NotSupported):
        as_database(pattern, "$filter")


@pytest.mark.parametrize(
    "pattern",
    [
        "((x{1,40}){1,40}){1,40}y", "(x{255}){255}", "(?:ab{90}c){60}", "((((a{9}){9}){9}){9})",
        "x" * 5_001, "(x{5000}){2,}", "[ab]{200}" * 30, r"(\d{80}.{80}){40}",
    ],
)  # fmt: skip
def test_a_pattern_that_is_much_longer_written_out_is_refused(pattern: str) -> None:
    with pytest.raises(LimitExceeded, match="5000 parts"):
        as_database(pattern, "$filter")


@pytest.mark.parametrize(
    "pattern", [r"^\d{4}-\d{2}-\d{2}$", ".{1,255}" * 10, "[{40}]", r"\{9999\}"]
)
def test_a_pattern_within_the_limit_is_not(pattern: str) -> None:
    assert as_database(pattern, "$filter")
