"""`matchesPattern` takes ECMAScript's patterns and never answers by another grammar's."""

import re

import psycopg
import pytest

from gerance.kernel.odata.errors import NotSupported
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
