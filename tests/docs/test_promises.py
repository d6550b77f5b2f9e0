"""Each promise of the page on security names a test that pytest collects and does not skip."""

import ast
import re
from collections.abc import Iterator

import pytest
from tests.docs.test_docs import ROOT

PAGE = ROOT / "docs" / "explanation" / "security.md"
_ROW = r"^\| (.+) \| `(tests/[^`:]+\.py)(?:::(test_\w+))?` \|$"
PROMISES = re.findall(_ROW, PAGE.read_text(), re.MULTILINE)
SKIPPED = """
pytestmark = pytest.mark.skip

def test_one(): ...
"""
SKIPPED_ONE = """
class TestAll:
    @pytest.mark.skip
    def test_one(self): ...
    def test_two(self): ...
    def helper(self): ...
"""


def test_every_row_of_the_page_is_a_promise_with_a_test() -> None:
    rows = [line for line in PAGE.read_text().splitlines() if line.startswith("|")]
    heads = [line for line in rows if line in ("| Promise | Proof |", "|---|---|")]
    assert len(PROMISES) == len(rows) - len(heads) > 30


@pytest.mark.parametrize(("promise", "file", "name"), PROMISES)
def test_the_proof_of_a_promise_is_run(promise: str, file: str, name: str) -> None:
    proof = ROOT / file
    assert proof.name.startswith("test_"), f"pytest does not collect {file}"
    tests = set(running_tests(ast.parse(proof.read_text()).body))
    assert name in tests if name else tests, promise


def test_a_skipped_test_proves_nothing() -> None:
    assert not list(running_tests(ast.parse(SKIPPED).body))
    assert list(running_tests(ast.parse(SKIPPED_ONE).body)) == ["test_two"]


def running_tests(body: list[ast.stmt]) -> Iterator[str]:
    """The names of the tests in a module or class; none if all of it is skipped."""
    definitions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    if any(_skips(each) for each in body if not isinstance(each, definitions)):
        return
    for each in body:
        if not isinstance(each, definitions) or any(map(_skips, each.decorator_list)):
            continue
        if isinstance(each, ast.ClassDef):
            yield from running_tests(each.body)
        elif each.name.startswith("test_"):
            yield each.name


def _skips(node: ast.AST) -> bool:
    """Whether it calls or names `skip`, `xfail` or `importorskip`; a condition (`skipif`) may."""
    names = {each.attr for each in ast.walk(node) if isinstance(each, ast.Attribute)}
    return bool(names & {"skip", "xfail", "importorskip"})
