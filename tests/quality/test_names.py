"""Names in the source follow the rules of `names.py`."""

from tests.quality import names


def test_no_name_breaks_the_rules() -> None:
    """Run `python -m tests.quality.names` to see where each name is."""
    assert [str(each) for each in names.violations()] == []
