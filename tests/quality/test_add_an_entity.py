"""The steps of "Add an entity" in CONTRIBUTING.md work: each forgotten one is named by one
sentence, and none is named once all are done."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.conftest import made_database
from tests.quality.walk_through import Block, blocks, steps

ROOT = Path(__file__).parents[2]
STEPS = steps((ROOT / "CONTRIBUTING.md").read_text("utf-8"), "Add an entity")


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the source tree, its documentation and its tests."""
    place = tmp_path_factory.mktemp("copy")
    ignore = shutil.ignore_patterns("__pycache__", "node_modules", "swagger", "assets")
    for name in ("src", "docs", "tests"):
        shutil.copytree(ROOT / name, place / name, ignore=ignore)
    return place


def run(copy: Path, *arguments: str) -> str:
    """What a Python program prints that runs on the copy."""
    environment = {**os.environ, "PYTHONPATH": f"{copy / 'src'}{os.pathsep}{copy}"}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=copy, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def add_revision(copy: Path, sql: str) -> None:
    """Make the statements the newest revision, and add them to the schema."""
    migrations = copy / "src" / "gerance" / "migrations"
    last = max(migrations.glob("versions/[0-9]*.py"))
    text = last.read_text("utf-8")
    before = re.search(r'^revision = "(.+)"$', text, re.MULTILINE)
    assert before
    name = f"{int(before[1][:4]) + 1:04}_new_entity"
    text = text.replace(before[0], f'revision = "{name}"').replace(last.stem, name)
    text = re.sub(r"(?m)^down_revision = .*$", f'down_revision = "{before[1]}"', text)
    (last.parent / f"{name}.py").write_text(text, "utf-8")
    (migrations / f"{name}.sql").write_text(sql, "utf-8")
    with (migrations / "schema.sql").open("a", encoding="utf-8") as schema:
        schema.write(sql)


def follow(copy: Path, step: str) -> None:
    """Do what a step says."""
    for block in blocks(step):
        if block.language == "sql":
            add_revision(copy, block.text)
        else:
            block.apply(copy)
    if "docs/generate.py" in step:
        run(copy, "docs/generate.py")


def subjects(copy: Path, *urls: str) -> list[str]:
    """What the completeness tests name, up to the colon of each sentence. `urls`: of databases."""
    printed = run(copy, "-m", "tests.quality.new_entity", *urls)
    return [line.partition(":")[0] for line in printed.splitlines() if line]


def test_each_forgotten_step_is_named(copy: Path, database: str, database_url: str) -> None:
    declare, rules, register, *others = STEPS
    follow(copy, declare)
    assert subjects(copy) == ["Insurer is not registered"]
    follow(copy, rules)
    follow(copy, register)
    named = [
        "Insurer has no sample",
        "Insurer has no reference page",
        "Insurer has no rows in the demonstration",
        "The table rentals.insurer lacks id, insurer_code, modified_at, name, name_key, version",
    ]
    assert subjects(copy, database) == named
    written = copy / "src/gerance/rentals/insurance/rules.py"
    text = written.read_text("utf-8")
    written.write_text(text.partition("SLICE =")[0] + "SLICE = Slice(TYPES)\n", "utf-8")
    assert subjects(copy, database) == ["Insurer has no rules", *named]
    written.write_text(text, "utf-8")
    for step in others:
        follow(copy, step)
    with made_database(database_url) as url:
        run(copy, "-c", f"from gerance import migrations; migrations.upgrade({url!r})")
        assert subjects(copy, url) == []


def test_a_block_that_does_not_fit_the_source_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("one = 1\n")
    with pytest.raises(LookupError, match=r"a\.py"):
        Block("diff", "", "--- a.py\n-two = 2\n+two = 3\n").apply(tmp_path)
