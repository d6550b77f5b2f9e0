"""The contract file as a source of bodies and as a judge of answers, independent of the product."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
CONTRACT = yaml.safe_load((HERE / "incidents.yaml").read_text("utf-8"))
MODELS: dict[str, Any] = CONTRACT["models"]
UNIONS: dict[str, list[str]] = CONTRACT["unions"]

OPTIONAL = {("BasicAddress", "state")}
"""Required by a table of the reference, left out by its examples: the examples win."""

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(Z|[+-]\d\d:\d\d)")

Wire = dict[str, Any]


def messages(section: str, *families: str) -> dict[str, Wire]:
    """The commands or events of these families, by name."""
    return {name: it for name, it in CONTRACT[section].items() if it["family"] in families}


def forms(message: Wire) -> Iterator[tuple[str, dict[str, str]]]:
    """The years whose form a message has, each with its fields: `provider` was the assignee."""
    yield "2020", dict(message["fields"])
    older = message.get("fields_2017_only", {})
    if "provider" in older:
        rest = {name: kind for name, kind in message["fields"].items() if name != "assignee"}
        yield "2017", rest | older


def union_members(union: str) -> list[str]:
    """The members of a union, each by the name of its model: one of its own before another's."""
    names = [(member, f"{union}.{member}") for member in UNIONS[union]]
    return [own if own in MODELS else member for member, own in names]


class Writer:
    """Writes values of the contract's types. `uids`: what an identifier in a field may name."""

    def __init__(self, uids: Mapping[str, str], values: Mapping[str, Any]) -> None:
        self._uids, self._values = uids, values

    def body(self, fields: Mapping[str, str], *, full: bool, nth: int = 0) -> Wire:
        """An object with all fields, or with the required ones only.

        `nth`: which member of each union is taken, modulo their number.
        """
        return dict(self._fields("", fields, full, nth))

    def _fields(
        self, model: str, fields: Mapping[str, str], full: bool, nth: int
    ) -> Iterator[tuple[str, Any]]:
        for name, kind in fields.items():
            if _is_remark(name):
                continue
            if full or not (kind.endswith("?") or (model, name) in OPTIONAL):
                yield name, self._value(kind.removesuffix("?"), model, name, full, nth)

    def _value(self, kind: str, model: str, name: str, full: bool, nth: int) -> Any:
        if name in self._values and not model:
            return self._values[name]
        if kind.startswith("="):
            return kind[1:]
        if many := re.fullmatch(r"(\w+)\[\]\+?", kind):
            filled = full or kind.endswith("+")
            return [self._value(many[1], model, name, full, nth)] if filled else []
        if pairs := re.fullmatch(r"Map\[String,(.+)\]", kind):
            element = pairs[1].removesuffix("?").replace("Array[String]", "String[]")
            return {"clé": self._value(element, model, name, full, nth)} if full else {}
        if kind in UNIONS:
            members = union_members(kind)
            return self._value(members[nth % len(members)], kind, name, full, nth)
        if kind in MODELS:
            return dict(self._fields(kind, MODELS[kind], full, nth))
        if kind == "SafeUUID":
            return self._uids.get(f"{model}.{name}") or self._uids.get(name) or self._uids[""]
        if kind == "DateTime":
            return "2026-01-15T10:30:00.000+01:00"
        if kind == "LocalDate":
            return "2026-01-15"
        if kind in ("String", "NonEmptyString", "[String]"):
            return f"{name} reçu"
        return kind


def problems(kind: str, value: Any, path: str = "$") -> Iterator[str]:
    """How a value differs from what the contract says of its type; nothing when it fits."""
    kind = kind.removesuffix("?")
    if kind.startswith("="):
        if value != kind[1:]:
            yield f"{path}: {value!r} is not {kind[1:]}"
    elif many := re.fullmatch(r"(\w+)\[\](\+?)", kind):
        if not isinstance(value, list) or (many[2] and not value):
            yield f"{path}: {value!r} is no list of {many[1]}"
        else:
            for nth, element in enumerate(value):
                yield from problems(many[1], element, f"{path}[{nth}]")
    elif pairs := re.fullmatch(r"Map\[String,(.+)\]", kind):
        element = pairs[1].removesuffix("?").replace("Array[String]", "String[]")
        for key, each in value.items():
            yield from problems(element, each, f"{path}.{key}")
    elif kind in UNIONS:
        tried = [list(problems(member, value, path)) for member in union_members(kind)]
        if all(tried):
            yield f"{path}: {value!r} is no {kind}: {min(tried, key=len)}"
    elif kind in MODELS:
        yield from object_problems(MODELS[kind], value, path, model=kind)
    elif not _is_scalar(kind, value):
        yield f"{path}: {value!r} is no {kind}"


def object_problems(
    fields: Mapping[str, str], value: Any, path: str = "$", *, model: str = ""
) -> Iterator[str]:
    """The same for an object with these fields."""
    if not isinstance(value, dict):
        yield f"{path}: {value!r} is no object"
        return
    known = {name: kind for name, kind in fields.items() if not _is_remark(name)}
    for name in value.keys() - known.keys():
        yield f"{path}.{name}: unknown"
    for name, kind in known.items():
        if name in value:
            yield from problems(kind, value[name], f"{path}.{name}")
        elif not (kind.endswith("?") or (model, name) in OPTIONAL):
            yield f"{path}.{name}: missing"


def _is_remark(name: str) -> bool:
    return name == "_era" or name.endswith(" (2017 only)")


def _is_scalar(kind: str, value: Any) -> bool:
    if not isinstance(value, str):
        return False
    match kind:
        case "SafeUUID":
            return UUID.fullmatch(value) is not None
        case "DateTime":
            return MOMENT.fullmatch(value) is not None
        case "String" | "[String]":
            return True
        case "NonEmptyString":
            return value != ""
        case _:
            return value == kind
