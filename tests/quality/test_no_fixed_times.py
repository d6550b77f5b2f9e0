"""Tests wait for conditions: none sleeps for a fixed time, or asserts how long something took.

`tests/waiting.py` waits. Processor time (`time.process_time`) may be asserted: a busy machine does
not lengthen it.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parents[1]
CLOCKS = ("monotonic", "perf_counter")

PACES = {
    "cli/server_process.py": "a handler that takes a moment",
    "feeds/test_no_loss.py": "transactions that stay open for a moment",
    "kernel/odata/racing.py": "a writer that pauses between its writes",
    "faults/proxy.py": "a network that is slow",
    "kernel/webhooks/test_call.py": "a receiver that answers slowly",
    "partners/billing_exchange/far_sides.py": "an SFTP server that does not close",
    "waiting.py": "the step between two looks at a condition",
}
"""Programs that play a slow peer, at its pace. No test waits for them by the clock."""


def fixed_times(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Lines that sleep for a fixed time, wait for at most one, or bound how long something took."""
    spans = _spans(tree)
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(attr="sleep"), args=[ast.Constant(value=seconds)]):
                if seconds:
                    yield node.lineno, "sleeps for a fixed time"
            case ast.Call(func=ast.Attribute(attr="timeout" | "wait"), args=[ast.Constant()]):
                yield node.lineno, "waits for a fixed time: use PATIENCE"
            case ast.Call(func=ast.Attribute(attr="wait_for"), args=[_, ast.Constant()]):
                yield node.lineno, "waits for a fixed time: use PATIENCE"
            case ast.Call(func=ast.Attribute(attr="communicate" | "join" | "urlopen")):
                if any(k.arg == "timeout" and _is_number(k.value) for k in node.keywords):
                    yield node.lineno, "waits for a fixed time: use PATIENCE"
            case ast.Assert(test=test) if _bounds(test, spans):
                yield node.lineno, "asserts how long something took"


def _spans(tree: ast.Module) -> set[str]:
    """The variables that hold a difference of two times on the clock."""
    return {
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and _is_span(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _is_span(node: ast.AST) -> bool:
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub) and _reads_clock(node)


def _reads_clock(node: ast.AST) -> bool:
    return any(
        isinstance(each, ast.Call) and ast.unparse(each.func).rpartition(".")[2] in CLOCKS
        for each in ast.walk(node)
    )


def _bounds(test: ast.expr, spans: set[str]) -> bool:
    """Whether a comparison bounds a span from above: a lower bound holds on a busy machine."""
    for node in ast.walk(test):
        if isinstance(node, ast.Compare):
            terms = [node.left, *node.comparators]
            for left, operator in zip(terms, node.ops, strict=False):
                is_span = _is_span(left) or (isinstance(left, ast.Name) and left.id in spans)
                if is_span and isinstance(operator, ast.Lt | ast.LtE):
                    return True
    return False


def _is_number(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, int | float)


def test_no_test_depends_on_a_fixed_time() -> None:
    wrong = [
        f"{path.relative_to(TESTS)}:{line} {reason}"
        for path in sorted(TESTS.rglob("*.py"))
        if path.relative_to(TESTS).as_posix() not in PACES
        for line, reason in fixed_times(ast.parse(path.read_text("utf-8")))
    ]

    assert wrong == []


def test_a_fixed_time_is_seen() -> None:
    source = (
        "time.sleep(1)\nasyncio.sleep(0)\nasyncio.timeout(5)\n"
        "took = time.monotonic() - began\nassert 0.1 < took < 2\nassert 0.1 < took\n"
        "assert time.perf_counter() - began < 2\nassert time.process_time() - began < 2\n"
    )

    assert sorted(line for line, _ in fixed_times(ast.parse(source))) == [1, 3, 5, 7]
