"""Each promise of the page on security names a test that exists."""

import re

import pytest
from tests.docs.test_docs import ROOT

PAGE = ROOT / "docs" / "explanation" / "security.md"
_ROW = r"^\| (.+) \| `(tests/[^`:]+\.py)(?:::(test_\w+))?` \|$"
PROMISES = re.findall(_ROW, PAGE.read_text(), re.MULTILINE)


def test_every_row_of_the_page_is_a_promise_with_a_test() -> None:
    rows = [line for line in PAGE.read_text().splitlines() if line.startswith("|")]
    heads = [line for line in rows if line in ("| Promise | Proof |", "|---|---|")]
    assert len(PROMISES) == len(rows) - len(heads) > 30


@pytest.mark.parametrize(("promise", "file", "name"), PROMISES)
def test_the_proof_of_a_promise_is_there(promise: str, file: str, name: str) -> None:
    assert f"def {name or 'test_'}" in (ROOT / file).read_text(), promise
