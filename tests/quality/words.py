"""The words of the prose: `python -m tests.quality.words [paths]` lists those not to use.

Covers README, docs, CHANGELOG, CONTRIBUTING, SECURITY, the texts of the command line, the errors
and the docstrings of the source.
"""

import ast
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from gerance.cli import app

ROOT = Path(__file__).parents[2]

PHRASES = {
    r"\bwhoever\b": "name the person or program",
    r"\bwhosoever\b": "name the person or program",
    r"\bthat which\b": "name the thing",
    r"\b(?:is|are|be|was|were|been|being) told\b(?! apart)": "is notified, receives",
    r"\btold (?:again|of|about|whom|when|once|in order|what)\b": "replayed, notified of",
    r"\btell(?:s|ing)? (?:again|whoever|whom|of|an address|them)\b": "notify, replay",
    r"\btelling\b": "delivery",
    r"\bmend(?:s|ed|ing)?\b": "fix",
    r"\bmade anew\b|\bmakes? anew\b": "recompute, rebuild",
    r"\bbrought to the day\b|\bbrings? to the day\b": "refresh",
    r"\bowed (?:calls?|events?|nothing)\b|\bis owed\b(?! by)": "pending",
    r"\bread side\b": "read models",
    r"\bas (?:this|the) release needs it\b": "up to date",
    r"\bcomes? to an end\b": "ends",
    r"\bsomebody\b": "name the person or program",
    r"\bnobody\b": "no one, no client: name the person or program",
    r"\bcarr(?:y|ies|ied) out\b": "execute",
    r"\bin force\b": "valid, effective",
    r"\bwants? to know\b": "subscribes",
    r"\bgoes? on\b": "continues",
    r"\bwhat (?:nobody|somebody|this installation|the two)\b": "name the thing",
    r"\bno way\b": "impossible",
    r"\baccidents?\b": "internal error",
    r"\baskers?\b": "principal",
    r"\bstirr?(?:s|ed|ing)?\b": "notify",
    r"\ba stranger\b|\bstrangers\b": "an unauthenticated client",
    r"\blies? down\b|\bgets? up\b": "registers as idle",
    r"\bit says so\b": "prints, returns",
    r"\bwrit(?:es?|ten) down\b": "record, store",
    r"\bfinds? all the same\b|\ball the same\b": "still",
}
"""Regular expressions of what the prose does not use, and what to write."""


@dataclass(frozen=True, order=True)
class Finding:
    path: str
    line: int
    text: str
    instead: str

    @property
    def key(self) -> str:
        """What stays the same when lines are added above it."""
        return f"{self.path} {self.text.lower()}"

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: `{self.text}`: write {self.instead}"


def pages() -> list[Path]:
    named = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")
    return [*(ROOT / name for name in named), *sorted(ROOT.glob("docs/**/*.md"))]


def sources() -> list[Path]:
    return sorted(ROOT.glob("src/gerance/**/*.py"))


def error_texts() -> list[Path]:
    return sorted(ROOT.glob("src/gerance/kernel/errors/texts/*.toml"))


def findings(paths: Iterable[Path] = ()) -> list[Finding]:
    """The phrases not to use in these files and directories; everywhere when there are none."""
    inside = [path.resolve() for path in paths] or [ROOT]
    files = [*pages(), *sources(), *error_texts()]
    chosen = [path for path in files if any(path.is_relative_to(each) for each in inside)]
    return sorted({each for path in chosen for each in _of_file(path)} | set(_of_help(inside)))


def _of_file(path: Path) -> Iterator[Finding]:
    text = path.read_text("utf-8")
    blocks = _docstrings(ast.parse(text)) if path.suffix == ".py" else [(1, _prose(text))]
    for first, block in blocks:
        for start, phrase, instead in _phrases(block):
            line = first + block.count("\n", 0, start)
            yield Finding(str(path.relative_to(ROOT)), line, phrase, instead)


def _of_help(inside: Iterable[Path]) -> Iterator[Finding]:
    """The help of each command and option: texts that are built are no docstrings."""
    if any((ROOT / "src/gerance/cli").is_relative_to(each) for each in inside):
        for name, text in _help(typer.main.get_command(app), "gerance"):
            for _, phrase, instead in _phrases(text):
                yield Finding(name, 0, phrase, instead)


def _help(command: Any, path: str) -> Iterator[tuple[str, str]]:
    yield path, command.help or ""
    for parameter in command.params:
        yield path, getattr(parameter, "help", None) or ""
    for name, inner in getattr(command, "commands", {}).items():
        yield from _help(inner, f"{path} {name}")


def _phrases(text: str) -> Iterator[tuple[int, str, str]]:
    """Where a text has a phrase, which one, and what to write."""
    for pattern, instead in PHRASES.items():
        for match in re.finditer(pattern, text, re.IGNORECASE):
            yield match.start(), match.group(), instead


def _prose(page: str) -> str:
    """A page without its code, on the same lines."""
    blank = lambda match: re.sub(r"[^\n]", " ", match.group())  # noqa: E731
    page = re.sub(r"^```.*?^```", blank, page, flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"`[^`\n]*`", blank, page)


def _docstrings(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """The strings that stand as statements: docstrings of modules, functions, classes, names."""
    for node in ast.walk(tree):
        match node:
            case ast.Expr(value=ast.Constant(value=str() as text)):
                yield node.lineno, text


def main(arguments: Sequence[str]) -> int:
    listed = findings([Path(each) for each in arguments])
    for each in listed:
        print(each)  # noqa: T201
    print(f"{len(listed)} phrases")  # noqa: T201
    return 1 if listed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
