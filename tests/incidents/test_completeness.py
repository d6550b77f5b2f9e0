"""A command has everything that belongs to it: what is forgotten is named, in one sentence each.

CONTRIBUTING.md, "Add a command", leads through it.
"""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import get_type_hints

import pytest
from tests.incidents.decisions.slices import COMMANDS, EVENTS

from gerance import incidents
from gerance.demo.lives import ticket_lives
from gerance.demo.omissions import OMISSIONS
from gerance.demo.world import build_world
from gerance.incidents.aggregate import Aggregate
from gerance.incidents.aggregates import AGGREGATES
from gerance.incidents.routes import ENDPOINTS
from gerance.incidents.tickets.decide import EVENTS_OF
from gerance.kernel.wire import DateTime, members

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"
KINDS = (
    "superUser",
    "callCenterUser",
    "clientAccountManager",
    "executive",
    "patrimonyManager",
    "patrimonyUser",
)
TICKET = AGGREGATES[0]
COMMAND_CLASSES = [kind for each in AGGREGATES for kind in each.command_classes]
EVENT_CLASSES = [kind for each in AGGREGATES for kind in each.event_classes]
LIVES = 400
"""Tickets of the demonstration in which every command of its call centres occurs."""


def slices() -> Iterator[str]:
    """The packages of the slices that have commands."""
    for module in pkgutil.iter_modules(incidents.__path__, f"{incidents.__name__}."):
        if (
            module.ispkg
            and (Path(incidents.__path__[0]) / module.name.rpartition(".")[2])
            .joinpath("commands.py")
            .exists()
        ):
            yield module.name


def messages(slice_name: str, role: str) -> Iterator[type]:
    """The commands or events of a slice that no other one inherits from."""
    path = importlib.import_module(slice_name).__path__
    names = [each.name for each in pkgutil.iter_modules(path) if each.name.endswith(role)]
    modules = [importlib.import_module(f"{slice_name}.{name}") for name in names]
    kinds = {
        kind
        for module in modules
        for kind in vars(module).values()
        if inspect.isclass(kind) and kind.__module__ == module.__name__
    }
    for kind in kinds:
        config = getattr(kind, "__struct_config__", None)
        inherited = any(kind in other.__mro__[1:] for other in kinds)
        if config is not None and config.tag_field and not inherited:
            yield kind


def short(path: str) -> str:
    return path.removeprefix("gerance.").replace(".", "/")


def test_every_slice_is_registered() -> None:
    """It has an Aggregate, and its commands have routes."""
    registered = {short(each.handle.__module__).rpartition("/")[0] for each in AGGREGATES}
    routed = {kind for e in ENDPOINTS if e.body for kind in members(e.body) or (e.body,)}
    assert [
        f"{short(name)} has no AGGREGATE in incidents/aggregates.py."
        for name in slices()
        if short(name) not in registered
    ] + [
        f"{kind.__name__} is the body of no endpoint in incidents/routes.py."
        for kind in COMMAND_CLASSES
        if kind not in routed
    ] == []


def test_every_message_is_in_the_union_of_its_slice() -> None:
    known = {*COMMAND_CLASSES, *EVENT_CLASSES}
    assert [
        f"{kind.__name__} is in no union of {short(name)}/{role}.py."
        for name in slices()
        for role in ("commands", "events")
        for kind in messages(name, role)
        if kind not in known
    ] == []


def test_every_message_has_a_docstring() -> None:
    assert [
        f"{kind.__name__} has no docstring: the reference shows its first sentence."
        for kind in (*COMMAND_CLASSES, *EVENT_CLASSES)
        if not vars(kind).get("__doc__")
    ] == []


def test_every_ticket_command_causes_an_event() -> None:
    caused = {event for events in EVENTS_OF.values() for event in events}
    assert [
        f"{kind.__name__} causes no event: add it to EVENT_OF in incidents/tickets/decide.py."
        for kind in TICKET.command_classes
        if kind not in EVENTS_OF
    ] + [
        f"{kind.__name__} is caused by no command: add it to incidents/tickets/decide.py."
        for kind in TICKET.event_classes
        if kind not in caused
    ] == []


def test_every_ticket_event_declares_its_journal_line() -> None:
    """Its business date, its text and what the line shows."""
    forgotten = []
    for kind in TICKET.event_classes:
        if not hasattr(kind, "journal"):
            forgotten.append(f"{kind.__name__} declares no journal line: set `journal`.")
            continue
        line = kind.journal
        hints = get_type_hints(kind)
        if line is not None and line.date is not None and hints.get(line.date) is not DateTime:
            forgotten.append(f"{kind.__name__} has no date `{line.date}` for its journal line.")
        if line is not None and line.text is not None and line.text not in hints:
            forgotten.append(f"{kind.__name__} has no text `{line.text}` for its journal line.")
    assert forgotten == []


def rights_rows() -> dict[str, tuple[str, ...]]:
    """Who may send each command, by the table in docs/reference/rights.md."""
    rows: dict[str, tuple[str, ...]] = {}
    for line in (REFERENCE / "rights.md").read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("| ").split("|")]
        if len(cells) >= 1 and ": `" in cells[0]:
            answers = (*cells[1:], *[""] * len(KINDS))
            kinds = tuple(k for k, cell in zip(KINDS, answers, strict=False) if cell == "yes")
            rows |= dict.fromkeys(re.findall(r"`(\w+)`", cells[0]), kinds)
    return rows


def test_every_command_is_in_the_table_of_rights() -> None:
    rows = rights_rows()
    assert [
        f"{kind.__name__} is in no row of docs/reference/rights.md that says `yes` to"
        f" {', '.join(kind.senders)} alone."
        for kind in COMMAND_CLASSES
        if set(rows.get(kind.__name__, ())) != set(kind.senders)
    ] == []


@pytest.mark.parametrize("aggregate", AGGREGATES, ids=lambda each: each.name)
def test_every_message_is_in_the_reference(aggregate: Aggregate) -> None:
    page = (REFERENCE / "commands.md").read_text("utf-8")
    assert [
        f"{kind.__name__} is not in docs/reference/commands.md: run docs/generate.py."
        for kind in (*aggregate.command_classes, *aggregate.event_classes)
        if f"\n| `{kind.__name__}` |" not in page
    ] == []


def test_every_message_is_in_the_contract() -> None:
    """The tests of decisions follow from it."""
    assert [
        f"{kind.__name__} is in neither incidents.yaml nor extensions.yaml of tests/contract."
        for kind in (*COMMAND_CLASSES, *EVENT_CLASSES)
        if kind.__name__ not in COMMANDS and kind.__name__ not in EVENTS
    ] == []


def test_every_command_occurs_in_the_demonstration_or_has_a_reason() -> None:
    world = build_world()
    lives = ticket_lives(world, count=LIVES, now=datetime(2026, 5, 20, 14, tzinfo=UTC))
    occurring = {command["commandType"] for life in lives for _, command in life.commands}
    occurring |= {step.command["commandType"] for step in world.steps}
    names = [kind.__name__ for kind in COMMAND_CLASSES]
    assert [
        f"{name} does not occur in the demonstration: add it, or a reason to demo/omissions.py."
        for name in names
        if name not in occurring and name not in OMISSIONS
    ] + [
        f"{name} occurs in the demonstration or does not exist: remove it from demo/omissions.py."
        for name in OMISSIONS
        if name in occurring or name not in {*names, *COMMANDS}
    ] == []
