"""The prose uses the words of CONTRIBUTING: pages, help of the command line, docstrings, errors."""

from tests.quality import words


def test_no_page_help_error_or_docstring_has_a_phrase_not_to_use() -> None:
    """Run `python -m tests.quality.words` to see where each one is."""
    assert [str(each) for each in words.findings()] == []


def test_a_phrase_is_seen() -> None:
    phrases = [phrase for _, phrase, _ in words._phrases("It is told of; nobody mends it.")]

    assert sorted(phrases) == ["is told", "mends", "nobody", "told of"]
