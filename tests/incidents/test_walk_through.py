"""The walk-through "Add a command" of CONTRIBUTING.md, executed on a copy of the source tree."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
COPIED = ("src", "docs", "tests/contract", "tests/incidents")
GENERATED = "docs/reference/commands.md"
COMPLETENESS = "tests/incidents/test_completeness.py"
DECISIONS = "tests/incidents/decisions/test_every_command.py"

_BLOCK = re.compile(r"^ *```(diff|text)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)


class Step(NamedTuple):
    """A change of a file; `sentence`: what a test says where it is missing, if it can be."""

    path: str
    old: str
    new: str
    sentence: str | None


def steps() -> tuple[list[Step], str]:
    """The steps of the walk-through; what a test says where the reference is not written."""
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    section = text.partition("### Add a command\n")[2].partition("\n### ")[0]
    found: list[Step] = []
    unwritten = ""
    for language, block in _BLOCK.findall(section):
        indent = len(block) - len(block.lstrip(" "))
        lines = [line[indent:] for line in block.splitlines()]
        if language == "diff":
            old = [line[1:] for line in lines[1:] if not line.startswith("+")]
            new = [line[1:] for line in lines[1:] if not line.startswith("-")]
            path = lines[0].removeprefix("--- ")
            found.append(Step(path, "\n".join(old), "\n".join(new), None))
        elif found[-1].sentence is None:
            found[-1] = found[-1]._replace(sentence=lines[0])
        else:
            unwritten = lines[0]
    return found, unwritten


STEPS, UNWRITTEN = steps()


def replace(tree: Path, path: str, old: str, new: str) -> None:
    text = (tree / path).read_text("utf-8")
    assert text.count(old) == 1, f"{path} has not once:\n{old}"
    (tree / path).write_text(text.replace(old, new), "utf-8")


def run(tree: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """A Python program on the source of the tree."""
    path = os.pathsep.join((str(tree / "src"), str(tree)))
    return subprocess.run(
        [sys.executable, *command],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": path, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        text=True,
        capture_output=True,
    )


def run_tests(tree: Path, *options: str) -> str:
    """What pytest prints, without the plugins and fixtures of the other tests."""
    plain = ("-c", os.devnull, "--rootdir", str(tree), "--noconftest", "-p", "no:cacheprovider")
    return run(tree, "-m", "pytest", "-q", *plain, *options).stdout


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the source tree with all steps."""
    tree = tmp_path_factory.mktemp("copy")
    ignore = shutil.ignore_patterns("__pycache__", "pictures")
    for name in COPIED:
        shutil.copytree(ROOT / name, tree / name, ignore=ignore)
    for step in STEPS:
        replace(tree, step.path, step.old, step.new)
    generated = run(tree, "docs/generate.py")
    assert generated.returncode == 0, generated.stderr
    return tree


def test_with_all_steps_nothing_is_missing(tree: Path) -> None:
    output = run_tests(tree, COMPLETENESS, DECISIONS, "-k", "completeness or OrderParts")
    assert re.search(r"^\d+ passed", output.splitlines()[-1]), output


@pytest.mark.parametrize(
    "step", [step for step in STEPS if step.sentence], ids=lambda step: step.sentence.split()[0]
)
def test_a_step_that_is_forgotten_is_named_by_one_test(tree: Path, step: Step) -> None:
    replace(tree, step.path, step.new, step.old)
    output = run_tests(tree, COMPLETENESS)
    replace(tree, step.path, step.old, step.new)
    assert_named(step.sentence, output)


def test_a_reference_that_is_not_written_is_named(tree: Path) -> None:
    page = (tree / GENERATED).read_text("utf-8")
    shutil.copy(ROOT / GENERATED, tree / GENERATED)
    output = run_tests(tree, COMPLETENESS)
    (tree / GENERATED).write_text(page, "utf-8")
    assert_named(UNWRITTEN, output)


def assert_named(sentence: str | None, output: str) -> None:
    assert sentence is not None
    assert sentence in output, output
    assert output.splitlines()[-1].startswith("1 failed"), output
