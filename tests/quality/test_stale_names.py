"""Tests, benchmarks and the generators of documentation use names of the product that exist.

mypy checks `src` only, and a benchmark runs rarely: after a renaming it would fail when it is
needed. A name that a test replaces is written as a text, which no type checker reads.
"""

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted(
    path for folder in ("tests", "benchmarks", "docs") for path in (ROOT / folder).rglob("*.py")
)


def resolve(module: str, name: str | None = None) -> object:
    """The module, or what it has by this name. Raises ImportError or AttributeError."""
    if name is None:
        return importlib.import_module(module)
    parent = importlib.import_module(module)
    if hasattr(parent, name):
        return getattr(parent, name)
    return importlib.import_module(f"{module}.{name}")


def stale_names(tree: ast.AST) -> Iterator[str]:
    """What a file imports from the product, or reads or replaces of its modules, in vain."""
    modules: dict[str, ModuleType] = {}
    bound = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    bound |= {
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "gerance":
            for alias in node.names:
                try:
                    value = resolve(node.module or "", alias.name)
                except (ImportError, AttributeError):
                    yield f"line {node.lineno}: {node.module} has no {alias.name}"
                    continue
                name = alias.asname or alias.name
                if isinstance(value, ModuleType) and name not in bound:
                    modules[name] = value
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id=name), attr=attribute) if name in modules:
                pass
            case ast.Call(
                func=ast.Attribute(attr="setattr"),
                args=[ast.Name(id=name), ast.Constant(value=str(attribute)), *_],
            ) if name in modules:
                pass
            case _:
                continue
        if not hasattr(modules[name], attribute):
            yield f"line {node.lineno}: {modules[name].__name__} has no {attribute}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_names_of_the_product_exist(path: Path) -> None:
    assert list(stale_names(ast.parse(path.read_text("utf-8")))) == []


def test_a_stale_name_is_seen() -> None:
    lines = (
        "from gerance.kernel import clock",
        "from gerance.kernel.clock import yesterday",
        "clock.tomorrow()",
        "patch.setattr(clock, 'overmorrow', 1)",
        "clock.today(None)",
    )
    assert sorted(stale_names(ast.parse("\n".join(lines)))) == [
        "line 2: gerance.kernel.clock has no yesterday",
        "line 3: gerance.kernel.clock has no tomorrow",
        "line 4: gerance.kernel.clock has no overmorrow",
    ]
