"""Writes the lists of what still breaks a rule: `python -m tests.quality.pending`."""

from pathlib import Path

from tests.quality import names, words

if __name__ == "__main__":
    for file, keys in (
        ("pending_names.txt", {each.key for each in names.violations()}),
        ("pending_words.txt", {each.key for each in words.findings()}),
    ):
        Path(__file__).with_name(file).write_text("\n".join([*sorted(keys), ""]), "utf-8")
