"""Walk-throughs of CONTRIBUTING.md, as data: their steps, and the blocks that change files.

A block of Python that names a file after the language is a new file. A block in the language `diff`
names a file in its first line (`--- path`); its other lines are context (` `), removed (`-`) and
added (`+`) lines. It has no line numbers: its context and removed lines are looked up in the file.
"""

import re
from dataclasses import dataclass
from pathlib import Path

_BLOCK = re.compile(r"^```(\w+)[ ]?([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_STEP = re.compile(r"^\d+\. ", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A fenced block. `path`: the file that it is, relative to the root of the repository."""

    language: str
    path: str
    text: str

    def apply(self, root: Path) -> None:
        """Change the files below a root. Raises LookupError when a line is not there."""
        if self.language == "diff":
            _apply_diff(root, self.text)
        elif self.path:
            file = root / self.path
            file.parent.mkdir(exist_ok=True)
            (file.parent / "__init__.py").touch()
            file.write_text(self.text, "utf-8")


def steps(text: str, heading: str) -> list[str]:
    """The numbered steps of a section."""
    section = text.partition(f"\n### {heading}\n")[2]
    section = re.split(r"^##", section, maxsplit=1, flags=re.MULTILINE)[0]
    return _STEP.split(section)[1:]


def blocks(step: str) -> list[Block]:
    """The fenced blocks of a step."""
    return [Block(*match.groups()) for match in _BLOCK.finditer(step)]


def _apply_diff(root: Path, text: str) -> None:
    first, *lines = text.splitlines()
    name = first.removeprefix("--- ")
    file = root / name
    content = file.read_text("utf-8")
    before: list[str] = []
    after: list[str] = []
    for line in [*lines, " end"]:
        if line[:1] in (" ", "-") and (after[len(before) :] or line == " end"):
            if after != before:
                content = _replace(content, before, after, name)
            before, after = [], []
        if line[:1] in (" ", "-"):
            before.append(line[1:])
        if line[:1] in (" ", "+"):
            after.append(line[1:])
    file.write_text(content, "utf-8")


def _replace(content: str, before: list[str], after: list[str], name: str) -> str:
    old = "".join(f"{line}\n" for line in before)
    if content.count(old) != 1:
        raise LookupError(f"{name} has these lines {content.count(old)} times:\n{old}")
    return content.replace(old, "".join(f"{line}\n" for line in after))
