"""The reference pages of the entities that integrators read, from the model."""

import re
from collections.abc import Iterator

import msgspec

from gerance.kernel.odata.describe.examples import call, example_queries, literal, value_of
from gerance.kernel.odata.describe.schemas import description_of
from gerance.kernel.odata.edm import Edm, EntityType, Navigation, Property
from gerance.kernel.odata.parse.options import DEEPEST_EXPAND
from gerance.odata_service import INCIDENT_SETS, MODEL, PARTNER_SETS
from gerance.rentals.model.samples import WRITE_ANNOTATIONS

_METHODS = {"create": "`POST`", "update": "`PATCH`, `PUT`", "delete": "`DELETE`"}
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def pages() -> dict[str, str]:
    """The pages by their names below docs/reference: one for each type, and their index."""
    found = {f"rentals/{file_of(each)}": _page(each) for each in MODEL.types.values()}
    return {"entities.md": _index(), **found}


def file_of(entity: EntityType) -> str:
    return f"{_HUMP.sub('-', entity.name).lower()}.md"


def _index() -> str:
    rentals: list[str] = []
    incidents: list[str] = []
    partners: list[str] = []
    for entity in MODEL.sets.values():
        row = f"| [{entity.set_name}](rentals/{file_of(entity)}) | {_cell(entity.description)} |"
        side = incidents if entity.set_name in INCIDENT_SETS else rentals
        (partners if entity.set_name in PARTNER_SETS else side).append(row)
    functions = [
        f"| [{MODEL.types[f.binding].set_name}/{f.name}]"
        f"(rentals/{file_of(MODEL.types[f.returns])}) | {_cell(f.description)} |"
        for functions in MODEL.functions.values()
        for f in functions.values()
    ]
    head = ["", "| Set | Content |", "|---|---|"]
    return _text(
        "# Entities",
        "",
        "Integrators read and write these entities below `/api/<set>`, in OData 4.0, with their"
        " token: see [use Postman](../how-to/first-call-with-postman.md) and"
        " [Excel and Power BI](../how-to/read-rentals-from-excel-and-power-bi.md). `/api/$metadata`"
        " describes them for programs. Try requests at `/swagger/index.html`.",
        "",
        "- `$select`, `$filter`, `$orderby`, `$top`, `$skip`, `$count` and `$expand` combine;"
        f" `$expand` nests them in parentheses, {DEEPEST_EXPAND} deep at most.",
        "- Names of sets, properties and options are not case-sensitive. The `$` of options is"
        " optional; `$where` means `$filter`. Answers use the spelling of these pages.",
        "- Trailing blanks of a code are ignored.",
        "- An answer with more than one page ends with `@odata.nextLink`.",
        "",
        "The page of a set lists the methods that it accepts; [OData](odata.md) describes them. The"
        " column *Given* shows the properties that a new entity requires, those that are immutable,"
        " and those that the server derives.",
        "",
        "## Rentals",
        *head,
        *rentals,
        "",
        "## Functions",
        "",
        "| Function | Result |",
        "|---|---|",
        *functions,
        "",
        "## Incidents",
        "",
        "For integrators with the right to incidents, which are not limited to places.",
        *head,
        *incidents,
        "",
        "## Partners",
        "",
        "For integrators with the right to partners, which are not limited to places.",
        *head,
        *partners,
    )


def _page(entity: EntityType) -> str:
    return _text(
        f"# {entity.name}",
        "",
        entity.description,
        "",
        *_facts(entity),
        "",
        "## Properties",
        "",
        "| Property | Type | Null | Given | Meaning |",
        "|---|---|---|---|---|",
        *(_property(entity, each) for each in entity.properties),
        *_navigations(entity),
        "",
        "## Examples",
        "",
        "```http",
        *_examples(entity),
        "```",
        *_writing(entity),
    )


def _facts(entity: EntityType) -> Iterator[str]:
    set_name = f"`/api/{entity.set_name}`"
    for functions in MODEL.functions.values():
        for each in functions.values():
            if each.returns == entity.name:
                set_name = (
                    f"none: [{each.binding}]({file_of(MODEL.types[each.binding])})'s function"
                )
                set_name += f" `/api/{MODEL.types[each.binding].set_name}/{each.name}` answers it"
    yield f"- Set: {set_name}"
    yield f"- Key: {_names(entity.key)}"
    for group in entity.unique:
        found = (each for name in group if (each := entity.find(name)) is not None)
        values = ",".join(f"{each.name}={literal(each.type, value_of(each))}" for each in found)
        yield f"- Also found by: {_names(group)}, as in `/api/{entity.set_name}({values})`"
    if entity.base is not None:
        base = MODEL.types[entity.base]
        yield f"- Has all that a [{base.name}]({file_of(base)}) has"
    if entity.module is not None:
        yield f"- Module: `{entity.module}`; without it, requests answer 403"
    if entity.media:
        methods = "GET, PUT" if "update" in entity.writes else "GET"
        yield f"- Content: `/api/{entity.set_name}(...)/$value` ({methods})"
    if MODEL.entity_set(entity.set_name) is entity:
        methods = [each for kind, each in _METHODS.items() if kind in entity.writes]
        yield f"- Writing: {', '.join(methods) if methods else _no_writing(entity)}"
    for navigation in WRITE_ANNOTATIONS.deep_of(entity):
        yield f"- Created with it: `{navigation.name}`, a list in the body of `POST`"
    if links := WRITE_ANNOTATIONS.links(MODEL, entity):
        names = (f"`{each.name}@odata.bind`" for each in links)
        later = ", or `PUT .../$ref`" if "update" in entity.writes else ""
        yield f"- Linked by: {', '.join(names)}{later}"


def _no_writing(entity: EntityType) -> str:
    owner = next(
        (each for each in MODEL.sets.values()
         if any(way.target == entity.name for way in WRITE_ANNOTATIONS.deep_of(each))),
        None,
    )  # fmt: skip
    return "none" if owner is None else f"with its [{owner.name}]({file_of(owner)}) only"


def _writing(entity: EntityType) -> Iterator[str]:
    """Requests that write an entity, as the demonstration takes them."""
    sample = WRITE_ANNOTATIONS.samples.get(entity.name)
    if sample is None:
        return
    yield from ("", "## Writing", "", "```http", f"POST /api/{entity.set_name}")
    yield _json(sample.create)
    if sample.change:
        key = literal(entity.keys[0].type, sample.create.get(entity.key[0], 1))
        yield from ("", f"PATCH /api/{entity.set_name}({key})", _json(sample.change))
    yield "```"


def _json(body: object) -> str:
    return msgspec.json.format(msgspec.json.encode(body), indent=2).decode()


def _property(entity: EntityType, declared: Property) -> str:
    null = "may be" if declared.nullable and declared not in entity.keys else "never"
    given = "by the server" if declared.computed else "required" if declared.required else ""
    if declared.name in WRITE_ANNOTATIONS.fixed_of(entity):
        given = f"{given}, once".removeprefix(", ")
    meaning = _cell(description_of(declared))
    return f"| `{declared.name}` | {_type(declared)} | {null} | {given} | {meaning} |"


def _type(declared: Property) -> str:
    name = declared.type.value.removeprefix("Edm.")
    if declared.max_length is not None:
        return f"{name}({declared.max_length})"
    if declared.type is Edm.DECIMAL and declared.precision is not None:
        return f"{name}({declared.precision},{declared.scale})"
    return name


def _navigations(entity: EntityType) -> Iterator[str]:
    if not entity.navigations:
        return
    yield from ("", "## What belongs to it", "", "With `$expand`:", "")
    yield from ("| Name | Leads to | Meaning |", "|---|---|---|")
    yield from (_navigation(each) for each in entity.navigations)


def _navigation(navigation: Navigation) -> str:
    target = MODEL.target(navigation)
    link = f"[{target.name}]({file_of(target)})"
    many = f"many {link}" if navigation.many else f"one {link}"
    return f"| `{navigation.name}` | {many} | {_cell(navigation.description)} |"


def _examples(entity: EntityType) -> Iterator[str]:
    calls = [
        call(MODEL.types[f.binding], f)
        for functions in MODEL.functions.values()
        for f in functions.values()
        if entity.name in (f.binding, f.returns)
    ]
    own = example_queries(MODEL, entity) if MODEL.entity_set(entity.set_name) is entity else []
    for each in (*own, *calls):
        query = "&".join(f"{name}={text}" for name, text in each.options)
        yield f"GET /api/{each.path}?{query}"


def _names(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _text(*lines: str) -> str:
    return "\n".join(("<!-- Written by docs/generate.py: do not edit. -->", *lines)) + "\n"
