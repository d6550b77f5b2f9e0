"""The prose uses the words of CONTRIBUTING: pages, help of the command line, docstrings, errors."""

from pathlib import Path

from tests.quality import words

PENDING = Path(__file__).parent / "pending_words.txt"


def test_no_page_help_error_or_docstring_has_a_phrase_not_to_use() -> None:
    """Run `python -m tests.quality.words` to see where each one is."""
    pending = set(PENDING.read_text("utf-8").splitlines())
    new = [str(each) for each in words.findings() if each.key not in pending]

    assert new == []


def test_a_phrase_is_seen() -> None:
    phrases = [phrase for _, phrase, _ in words._phrases("It is told of; nobody mends it.")]

    assert sorted(phrases) == ["is told", "mends", "nobody", "told of"]
