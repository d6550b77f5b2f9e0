"""Names in the source follow the rules of `names.py`; those that do not yet are listed."""

from pathlib import Path

from tests.quality import names

PENDING = Path(__file__).parent / "pending_names.txt"


def test_no_new_name_breaks_the_rules() -> None:
    """Run `python -m tests.quality.names` to see where each name is."""
    pending = set(PENDING.read_text("utf-8").splitlines())
    new = [str(each) for each in names.violations() if each.key not in pending]

    assert new == []
