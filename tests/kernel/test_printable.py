"""Nothing that a terminal interprets survives, and everything that people read does."""

import json
import sys
import unicodedata

import pytest

from gerance.kernel.escape import escape_json, printable


def interpreted() -> list[str]:
    """Every character of Unicode that a terminal acts on, does not show, or breaks a line at."""
    every = map(chr, range(sys.maxunicode + 1))
    return [each for each in every if unicodedata.category(each) in ("Cc", "Cf", "Cs", "Zl", "Zp")]


def test_no_character_that_a_terminal_interprets_is_left() -> None:
    for character in interpreted():
        for shown in (printable(f"a{character}b"), escape_json(json.dumps(f"a{character}b"))):
            assert shown.replace("\u00a0", "").isprintable(), repr(character)


def test_escaped_json_has_the_same_content() -> None:
    single = (each for each in interpreted() if unicodedata.category(each) != "Cs")
    text = "".join(single) + 'é 🏠 \\ " \u00a0'
    encoded = json.dumps(text, ensure_ascii=False)
    escaped = escape_json(encoded)
    assert json.loads(escaped) == text
    assert "é 🏠" in escaped


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Cité des Aulnes, 3 ᵉ étage 🏠", "Cité des Aulnes, 3 ᵉ étage 🏠"),
        ("12\u00a0000\u202f€", "12\u00a0000\u202f€"),
        ("x[/b]@evil.example", "x[/b]@evil.example"),
        ("\x1b[2J\x07", "\\x1b[2J\\x07"),
        ("a\r\nb\x7f\x9b\u2028", "a\\r\\nb\\x7f\\x9b\\u2028"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("\udc80", "\\udc80"),
    ],
)
def test_what_is_shown(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_a_long_text_is_cut() -> None:
    assert printable("x" * 100_000, 10) == "xxxxxxxxxx... (100000 characters)"


def test_a_value_that_has_no_text_is_shown_by_its_type() -> None:
    class Mute:
        def __str__(self) -> str:
            raise ValueError("none")

    assert printable(Mute()) == "<Mute>"
    assert printable(7) == "7"
