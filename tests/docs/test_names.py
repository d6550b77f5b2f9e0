"""What the documentation names is there: commands, options, variables, routes, figures, tables."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import typer
from tests.docs.test_docs import PAGES, ROOT

from gerance.app import endpoints
from gerance.cli import app
from gerance.kernel.settings import Settings, load_settings, variable
from gerance.odata_service import MODEL

SOURCES = sorted(path for kind in ("py", "sql") for path in ROOT.glob(f"src/gerance/**/*.{kind}"))
FOR_TESTS = {
    "GERANCE_TEST_DATABASE_URL",
    "GERANCE_TEST_BROWSER",
    "GERANCE_TEST_PICTURES",
    "GERANCE_LONG_FAULTS",
    "GERANCE_TEST_EXAMPLES",
}
ELSEWHERE = {"max_connections", "synchronous_commit", "authorized_keys", "pg_basebackup"}
"""Names of PostgreSQL and SSH that pages mention."""

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_IN_LINE = re.compile(r"`(gerance [^`]+)`(?!`)")
_TYPED = re.compile(r"(?:^|[|(] *)(?:[A-Z_]+=\S* +)*(?:\S+/)?(gerance .*)")
_ROUTE = re.compile(r"`(GET|POST|PATCH|PUT|DELETE) (/[^\s`?]+)")


def commands(path: Path) -> Iterator[str]:
    """The commands `gerance ...` of a page or a source file, each on one line."""
    text = path.read_text(encoding="utf-8")
    yield from (" ".join(found.split()) for found in _IN_LINE.findall(_FENCE.sub("", text)))
    for language, block in _FENCE.findall(text):
        if language in ("sh", "bash", "ini"):
            for line in block.replace("\\\n", " ").splitlines():
                yield from _TYPED.findall(line)


def wrong_words(command: str) -> list[str]:
    """The words of a command that name nothing: groups, commands and options."""
    known: Any = typer.main.get_command(app)
    wrong = []
    for word in shlex.split(command, comments=True)[1:]:
        inner = getattr(known, "commands", None)
        if word in ("|", ">", "<", ";", "&&", "||"):
            break
        if word.startswith("--"):
            options = {name for option in known.params for name in option.opts} | {"--help"}
            wrong += [] if word.partition("=")[0] in options else [word]
        elif inner is not None and word in inner:
            known = inner[word]
        elif inner is not None and word != "...":
            wrong.append(word)
    return wrong


def test_commands_and_their_options_are_there() -> None:
    found = {each for path in [*PAGES, *SOURCES] for each in commands(path)}
    assert len(found) > 100
    assert {each: wrong_words(each) for each in found if wrong_words(each)} == {}


def test_variables_are_those_of_the_settings() -> None:
    known = {variable(field.name) for field in msgspec.structs.fields(Settings)} | FOR_TESTS
    for path in [*PAGES, *SOURCES, ROOT / "Makefile", *ROOT.glob("tests/**/*.py")]:
        found = set(re.findall(r"\bGERANCE_[A-Z_]+[A-Z]\b", path.read_text(encoding="utf-8")))
        assert found - known == set(), path


def test_settings_tables_and_figures_are_in_the_source() -> None:
    """A name with an underline is somebody's: of a setting, a table, a parameter, a figure."""
    source = "".join(path.read_text(encoding="utf-8") for path in SOURCES)
    source += (ROOT / "src/gerance/migrations/schema.sql").read_text(encoding="utf-8")
    known = set(re.findall(r"\b[a-z0-9]+(?:_[a-z0-9]+)+\b", source)) | ELSEWHERE
    for page in PAGES:
        text = _FENCE.sub("", page.read_text(encoding="utf-8"))
        assert set(re.findall(r"`([a-z0-9]+(?:_[a-z0-9]+)+)`", text)) - known == set(), page


def test_every_figure_is_explained() -> None:
    source = (ROOT / "src/gerance/kernel/metrics.py").read_text(encoding="utf-8")
    page = (ROOT / "docs/how-to/run-in-production.md").read_text(encoding="utf-8")
    assert [
        name for name in re.findall(r'"(gerance_\w+)"', source) if f"`{name}`" not in page
    ] == []


def test_routes_are_there() -> None:
    patterns = [
        (each.method, re.sub(r"\\{\w+\\}", "[^/]+", re.escape(each.path))) for each in endpoints()
    ]

    sets = {each.set_name.lower() for each in MODEL.sets.values()}

    def answers(method: str, path: str) -> bool:
        entity_set = re.match(r"/api/(\w+)", path)
        return bool(entity_set and entity_set[1].lower() in sets) or any(
            method == known and re.fullmatch(pattern, path, re.IGNORECASE)
            for known, pattern in patterns
        )

    found = {route for page in PAGES for route in _ROUTE.findall(page.read_text(encoding="utf-8"))}
    assert len(found) > 40
    assert {route for route in found if not answers(*route)} == set()


def test_files_of_settings_are_read(tmp_path: Path) -> None:
    blocks = [
        (page, block)
        for page in PAGES
        for language, block in _FENCE.findall(page.read_text(encoding="utf-8"))
        if language == "toml"
    ]
    assert len(blocks) > 3
    for page, block in blocks:
        (tmp_path / "gerance.toml").write_text(block, encoding="utf-8")
        assert load_settings(home=tmp_path), page
