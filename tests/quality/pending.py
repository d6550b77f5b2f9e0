"""Writes the lists of what still breaks a rule: `python -m tests.quality.pending`."""

from pathlib import Path

from tests.quality import names

if __name__ == "__main__":
    keys = sorted({each.key for each in names.violations()})
    Path(__file__).with_name("pending_names.txt").write_text("\n".join([*keys, ""]), "utf-8")
