"""A reader of the wire contract, independent of the product: what is wrong with a command."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from gerance.demo.lives import Life, ticket_lives
from gerance.demo.world import World, build_world

CONTRACT = Path(__file__).parents[1] / "contract" / "incidents.yaml"
NOW = datetime(2026, 5, 20, 14, 23, 11, 500_000, tzinfo=UTC)
PATTERNS = {
    "SafeUUID": r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    "DateTime": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0[12]:00",
    "LocalDate": r"\d{4}-\d\d-\d\d",
    "SIRET": r"\d{14}",
    "NonEmptyString": r".+",
    "PhoneNumber": r"0\d{9}",
    "String": r".*",
}


class Contract:
    """The commands, models and unions of the contract file."""

    def __init__(self, text: str) -> None:
        content = yaml.safe_load(text)
        self.commands: dict[str, Any] = content["commands"]
        self.models: dict[str, Any] = content["models"]
        self.unions: dict[str, Any] = content["unions"]

    def ticket_commands(self) -> set[str]:
        families = {"IncrementTicket", "OpenTicket"}
        return {name for name, known in self.commands.items() if known["family"] in families}

    def problems(self, command: dict[str, Any]) -> list[str]:
        """What the contract says is missing, unknown or of another type; none for a good one."""
        known = self.commands[command["commandType"]]
        fields = dict(known["fields"])
        if "provider" in known.get("fields_2017_only", {}) and "provider" in command:
            fields["provider"] = fields.pop("assignee").replace("TicketAssignee", "Provider")
        return list(self._in_fields(fields, command, command["commandType"]))

    def _in_fields(self, fields: dict[str, str], value: Any, path: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield f"{path}: no object but {value!r}"
            return
        fields = {n: kind for n, kind in fields.items() if n != "_era" and "2017" not in n}
        for name in value.keys() - fields.keys():
            yield f"{path}.{name}: unknown"
        for name, kind in fields.items():
            if name in value:
                yield from self._in_value(kind.removesuffix("?"), value[name], f"{path}.{name}")
            elif not kind.endswith("?"):
                yield f"{path}.{name}: missing"

    def _in_value(self, kind: str, value: Any, path: str) -> Iterator[str]:
        if kind.startswith("="):
            if value != kind[1:]:
                yield f"{path}: {value!r} is not {kind}"
        elif kind.startswith("Map[String,"):
            inner = kind[len("Map[String,") : -1].removesuffix("?")
            for key, item in value.items():
                yield from self._in_value(inner, item, f"{path}.{key}")
        elif kind.startswith("Array["):
            yield from self._in_value(kind[len("Array[") : -1] + "[]", value, path)
        elif kind.endswith(("[]", "[]+")):
            if not isinstance(value, list) or (kind.endswith("+") and not value):
                yield f"{path}: {value!r} is no array as {kind}"
                return
            for item in value:
                yield from self._in_value(kind.rstrip("+").removesuffix("[]"), item, path)
        elif kind in PATTERNS:
            if not isinstance(value, str) or not re.fullmatch(PATTERNS[kind], value):
                yield f"{path}: {value!r} is no {kind}"
        elif kind in self.unions:
            yield from self._in_union(kind, value, path)
        else:
            yield from self._in_fields(self.models[kind], value, path)

    def _in_union(self, union: str, value: Any, path: str) -> Iterator[str]:
        members = self.unions[union]
        if isinstance(value, str):
            if value not in members:
                yield f"{path}: {value!r} is no {union}"
            return
        found = [self.models.get(f"{union}.{m}") or self.models.get(m) for m in members]
        tried = [list(self._in_fields(model, value, path)) for model in found if model]
        if all(tried):
            yield f"{path}: no member of {union} fits: {tried}"


@pytest.fixture(scope="session")
def contract() -> Contract:
    return Contract(CONTRACT.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def world() -> World:
    return build_world()


@pytest.fixture(scope="session")
def now() -> datetime:
    return NOW


@pytest.fixture(scope="session")
def lives(world: World) -> list[Life]:
    return list(ticket_lives(world, count=2000, now=NOW))


@pytest.fixture(scope="session")
def luhn() -> Callable[[str], bool]:
    def holds(digits: str) -> bool:
        doubled = [int(d) * (2 if i % 2 else 1) for i, d in enumerate(reversed(digits))]
        return sum(sum(divmod(value, 10)) for value in doubled) % 10 == 0

    return holds
