"""Files have at most 500 lines; SQL of more than ten lines is in a .sql file."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCES = sorted(ROOT.glob("src/gerance/**/*.py"))
PYTHON = sorted(
    path for name in ("src", "tests", "benchmarks", "docs") for path in ROOT.glob(f"{name}/**/*.py")
)
MOST_LINES = 500
MOST_LINES_OF_SQL = 10

_SQL = ("SELECT ", "INSERT INTO ", "UPDATE ", "DELETE FROM ")


def long_statements(source: str) -> Iterator[int]:
    """The first lines of texts with SQL that go over more than ten lines."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.JoinedStr | ast.Constant | ast.BinOp):
            text = ast.unparse(node)
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            docstring = isinstance(node, ast.Constant) and not isinstance(node.value, str)
            if lines > MOST_LINES_OF_SQL and not docstring and any(word in text for word in _SQL):
                yield node.lineno


def test_sql_of_more_than_ten_lines_is_in_a_file() -> None:
    """Put it beside the module, under `-- name:`, and load it with `sql_files.load(__name__)`."""
    wrong = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in SOURCES
        if path.name != "sql_files.py"  # Its docstring has an example.
        for line in sorted(set(long_statements(path.read_text("utf-8"))))
    ]

    assert wrong == []


def test_no_file_is_long() -> None:
    long = [
        str(path.relative_to(ROOT))
        for path in PYTHON
        if len(path.read_text("utf-8").splitlines()) > MOST_LINES
    ]

    assert long == []


def test_a_long_statement_is_seen() -> None:
    lines = "\n".join(f'    " AND a = {n}"' for n in range(10))

    assert list(long_statements(f'X = (\n    "SELECT 1"\n{lines}\n)\n')) == [2]
    assert list(long_statements('X = "SELECT 1"\n')) == []
