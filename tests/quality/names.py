"""The rules for names in the source: `python -m tests.quality.names [paths]` lists violations.

- Modules, classes, functions and variables are not named by a participle or an adjective: a name
  says what a thing is (`rows`, `tenant`), not how it was come by (`found`, `given`).
- A class name is used once in the tree, unless two slices give it the same role, in a file of the
  same name.
- The words that the product does not use (the table of terms in CONTRIBUTING.md) are in no name.

Names that the wire or the database gives are listed in `exceptions.txt`, with the reason.
"""

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "gerance"
CONTEXTS = ("incidents", "rentals", "partners")

_PARTICIPLES = """
accepted added adopted answering applied arrived asked asking assigned begun beside billed
called caused changed checked chosen claimed collected compared compiled computed converted
copied counted decided declared declaring delivered derived described doing done drawn drained
encoded ending entered escaped expanded exported failing finding followed following forgotten
forwarded found gained gathered given gone hashed held hidden joined kept known lacking
lasting leaving left_over lined linked listed living loaded looked looking made mentioned moved
moving named needed notified numbered offered opened ordered owed owned parsed passed planned
prepared printed proposed proven published quoted reached reacted reacting read_out recorded
refused remaining removed rendered renewed repeated replayed reported requested returned ruled
said saying searched seen selected sent served serving settled shared shown signed sorted spoken
started stirred stopped stopping sweeping taken taking told touched tried trusted typed used
waited waiting wanted whole wrapped written
"""
PARTICIPLES = frozenset(_PARTICIPLES.split())
"""Never the whole name of a variable, a function or a class, nor its last word in a class."""

_FIELD_TERMS = """
billing building derived embedded greeting keyring leasing logging opening purchasing signing
wording writing
"""
FIELD_TERMS = frozenset(_FIELD_TERMS.split())
"""Words in -ing and -ed that name modules: each is a noun, or a standard term."""

TERMS = {
    "asker": "principal",
    "owed": "pending",
    "tell": "notify, send",
    "telling": "delivery",
    "told": "attempt, notified",
    "untold": "pending",
    "stir": "notify",
    "stirred": "notified",
    "waking": "wakeup",
    "doors": "limits",
    "accident": "internal error",
    "intent": "command",
    "beside": "extra, joined",
    "unrouted": "http_errors",
}
"""Words that are in no name, and what to write."""

SCOPED_TERMS = {
    ("room", "quota, capacity"): ("kernel",),
    ("rooms", "quotas, capacities"): ("kernel",),
    ("call", "delivery, attempt"): ("kernel/webhooks", "incidents/subscriptions"),
    ("calls", "deliveries, attempts"): ("kernel/webhooks", "incidents/subscriptions"),
    ("schedule", "backoff"): ("kernel/webhooks",),
    ("paging", "skip token"): ("kernel/odata",),
    ("tracking", "delta token"): ("kernel/odata",),
}
"""Words that have another meaning elsewhere, with the packages where they are not used."""

ROLES = {"Command", "Event", "State", "Stamp", "View"}
"""Names of classes that play the same role in several slices."""

_CAMEL = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")


@dataclass(frozen=True, order=True)
class Violation:
    path: str
    line: int
    kind: str
    name: str
    reason: str

    @property
    def key(self) -> str:
        """What stays the same when lines are added above it."""
        return f"{self.path} {self.kind} {self.name}"

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.kind} {self.name}: {self.reason}"


def words(name: str) -> list[str]:
    """The words of an identifier, in lower case: `_FoundRows`, `found_rows` > found, rows."""
    return [word.lower() for part in name.split("_") for word in _CAMEL.findall(part)]


def sources() -> list[Path]:
    return sorted(SOURCE.rglob("*.py"))


def violations(paths: Iterable[Path] = ()) -> list[Violation]:
    """The violations in these files and directories; in the whole source when there are none."""
    inside = [path.resolve() for path in paths] or [SOURCE]
    chosen = [p for p in sources() if any(p.is_relative_to(each) for each in inside)]
    trees = {path: ast.parse(path.read_text("utf-8")) for path in sources()}
    listed = set(_repeated_classes(trees))
    for path in chosen:
        listed |= {*_module(path), *_identifiers(path, trees[path])}
    shown = {str(path.relative_to(ROOT)) for path in chosen}
    exempt = exceptions()
    return sorted(each for each in listed if each.path in shown and each.key not in exempt)


def exceptions() -> set[str]:
    """Names that the wire or the database gives: `path kind name`, then `#` and the reason."""
    lines = (Path(__file__).parent / "exceptions.txt").read_text("utf-8").splitlines()
    return {line.split("#")[0].strip() for line in lines} - {""}


def _module(path: Path) -> Iterator[Violation]:
    relative = path.relative_to(SOURCE)
    stem = relative.parent.name if path.stem == "__init__" else path.stem
    if not words(stem) or "versions" in relative.parts:
        return
    last = words(stem)[-1]
    participle = re.search(r"(ed|ing)$", last) and last not in FIELD_TERMS
    if stem in PARTICIPLES or last in PARTICIPLES or (participle and len(last) > 4):
        yield Violation(str(path.relative_to(ROOT)), 1, "module", stem, "use a noun of the field")
    yield from _terms(path, 1, "module", stem)


def _identifiers(path: Path, tree: ast.Module) -> Iterator[Violation]:
    messages = path.stem.endswith(("commands", "events"))
    for node in ast.walk(tree):
        for line, kind, name in _names(node):
            yield from _terms(path, line, kind, name)
            all_words = words(name)
            wrong = "_".join(all_words) in PARTICIPLES
            if kind == "class" and all_words and not messages:
                wrong = wrong or all_words[-1] in PARTICIPLES
                wrong = wrong and not _is_exception(node)
            if wrong:
                shown = str(path.relative_to(ROOT))
                yield Violation(shown, line, kind, name, "say what it is, with a noun")


def _names(node: ast.AST) -> Iterator[tuple[int, str, str]]:
    """The names that a node introduces, with their lines and kinds."""
    match node:
        case ast.ClassDef():
            yield node.lineno, "class", node.name
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            yield node.lineno, "function", node.name
        case ast.Name(ctx=ast.Store()):
            yield node.lineno, "variable", node.id
        case ast.arg():
            yield node.lineno, "variable", node.arg
        case ast.Attribute(ctx=ast.Store()):
            yield node.lineno, "variable", node.attr
        case ast.MatchAs(name=str() as name) | ast.MatchStar(name=str() as name):
            yield node.lineno, "variable", name


def _is_exception(node: ast.AST) -> bool:
    """An exception may be named by what was done, as `Rejection` is."""
    bases = node.bases if isinstance(node, ast.ClassDef) else []
    return any(re.search(r"(Error|Exception|Rejection)$", ast.unparse(base)) for base in bases)


def _terms(path: Path, line: int, kind: str, name: str) -> Iterator[Violation]:
    package = path.relative_to(SOURCE).as_posix()
    shown = str(path.relative_to(ROOT))
    for word in words(name):
        if word in TERMS:
            yield Violation(shown, line, kind, name, f"instead of {word} write {TERMS[word]}")
        for (term, instead), packages in SCOPED_TERMS.items():
            if word == term and package.startswith(packages):
                yield Violation(shown, line, kind, name, f"instead of {word} write {instead}")


def _repeated_classes(trees: dict[Path, ast.Module]) -> Iterator[Violation]:
    places: dict[str, list[tuple[Path, int]]] = defaultdict(list)
    for path, tree in trees.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and node.name not in ROLES:
                places[node.name].append((path, node.lineno))
    for name, spots in places.items():
        if len(spots) == 1 or _same_role([path for path, _ in spots]):
            continue
        for path, line in spots:
            others = (p.relative_to(SOURCE).as_posix() for p, _ in spots if p != path)
            reason = f"also in {', '.join(others) or 'this file'}"
            yield Violation(str(path.relative_to(ROOT)), line, "class", name, reason)


def _same_role(paths: Sequence[Path]) -> bool:
    """All in files of one name, each in a slice of its own."""
    places = [path.relative_to(SOURCE) for path in paths]
    return (
        all(place.parts[0] in CONTEXTS for place in places)
        and len({place.name for place in places}) == 1
        and len({place.parent for place in places}) == len(places)
    )


def main(arguments: Sequence[str]) -> int:
    listed = violations([Path(each) for each in arguments])
    for violation in listed:
        print(violation)  # noqa: T201
    print(f"{len(listed)} violations")  # noqa: T201
    return 1 if listed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
