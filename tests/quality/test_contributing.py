"""CONTRIBUTING is true: the files and directories that it names are there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
SOURCE = ROOT / "src" / "gerance"


def test_the_files_to_edit_are_there() -> None:
    table = PAGE[PAGE.index("| To change | Edit |") : PAGE.index("## Import rules")]
    paths = re.findall(r"\| `([a-z_/.]+)` \|$", table, re.MULTILINE)

    assert len(paths) > 4
    assert [path for path in paths if not (SOURCE / path).exists()] == []


def test_the_tree_names_what_is_there() -> None:
    tree = PAGE[PAGE.index("src/gerance/\n") : PAGE.index("| To change | Edit |")]
    named = re.findall(r"(?:^|\s)([a-z_]+(?:/|\.py))(?=[\s;,]|$)", tree)
    places = [SOURCE, *(SOURCE / each for each in ("incidents", "rentals", "partners", "kernel"))]
    places += [ROOT, ROOT / "tests"]

    assert len(named) > 40
    assert [each for each in named if not any((place / each).exists() for place in places)] == []
