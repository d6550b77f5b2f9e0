"""Every expression that can fail, and every position of a question where one may stand."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from tests.rentals.foreign_rows import FIRST, LARGE

from gerance.kernel.odata.access import Access
from gerance.kernel.odata.edm import Edm, EntityType, Function, Navigation
from gerance.kernel.odata.plan.functions import CASTS
from gerance.odata_service import MODEL

WIDE = {Edm.INT32: (2_147_400_000, 2_000), Edm.INT64: (9_223_372_036_854_700_000, 5 * 10**12)}
LARGEST = {Edm.INT32: 2**31 - 1, Edm.INT64: 2**63 - 1}

FAILING = {
    "div", "divby", "add", "mul", "sub", "year", f"cast {Edm.DATE} {Edm.DATE_TIME_OFFSET}",
    "matchespattern",
}  # fmt: skip
"""Operators, functions and casts that fail on some value: `expressions` has one of each, but for
`matchespattern`, which fails by its pattern, whatever the row."""

HARMLESS = {
    "negative", "contains", "startswith", "endswith", "indexof", "length", "substring", "concat",
    "tolower", "toupper", "trim", "month", "day", "hour", "minute", "second", "fractionalseconds",
    "date", "time", "totaloffsetminutes", "totalseconds", "now", "mindatetime", "maxdatetime",
    "round", "floor", "ceiling", "mod",
    *(f"cast {one} {other}" for one in (Edm.STRING, Edm.INT32, Edm.INT64, Edm.DECIMAL, Edm.DOUBLE)
      for other in Edm if (one, other) in CASTS),
    *(f"cast {one} {Edm.STRING}" for one in Edm if (one, Edm.STRING) in CASTS),
    f"cast {Edm.DATE_TIME_OFFSET} {Edm.DATE}", f"cast {Edm.DATE_TIME_OFFSET} {Edm.TIME_OF_DAY}",
}  # fmt: skip
"""Those that have a value, or null, for whatever rows there are."""


def expressions(entity: EntityType, before: str = "") -> dict[str, str]:
    """Conditions that hold for the rows that are seen and fail for foreign ones, by name. `before`:
    what stands before each of their names, like `x/`."""
    found: dict[str, str] = {}
    if (number := entity.find("Id")) is not None:
        n, (most, times) = f"{before}Id", WIDE[number.type]
        found |= {
            "div": f"(-{LARGEST[number.type]} sub 1) div ({LARGE - 1} sub {n}) ne 7",
            "divby": f"1e308 divby ({n} sub {LARGE} add 0.001) ne 7",
            "add": f"{n} add {most} ne 7",
            "mul": f"{n} mul {times} ne 7",
            "sub": f"(0 sub {most}) sub {n} ne 7",
        }
    if day := next((e.name for e in entity.properties if e.type is Edm.DATE), None):
        d = before + day
        found |= {
            f"cast {Edm.DATE} {Edm.DATE_TIME_OFFSET}":
                f"cast({d},Edm.DateTimeOffset) gt 0001-01-01T00:00:00Z",
            "add day": f"({d} add duration'P1D') gt 0001-01-01",
            "sub day": f"({d} sub duration'P1D') gt 0001-01-01",
            "year": f"year({d}) ne 7",
        }  # fmt: skip
    if moment := next((e.name for e in entity.properties if e.type is Edm.DATE_TIME_OFFSET), None):
        found["add moment"] = f"({before}{moment} add duration'P3000000D') gt 0001-01-01T00:00:00Z"
    if double := next((e.name for e in entity.properties if e.type is Edm.DOUBLE), None):
        found["mul double"] = f"{before}{double} mul 1e300 gt 0"
    return found


def broken(entity: EntityType) -> str:
    """A condition that fails for any row."""
    text = next(e.name for e in entity.properties if e.type is Edm.STRING)
    return f"matchespattern({text},'a{{5,1}}')"


@dataclass(frozen=True)
class Probe:
    """A question. `page`: it is read page by page, one row each; `track`: with a link to changes;
    `link`: the address, where a link gives it."""

    position: str
    path: str
    query: str
    page: bool = False
    track: bool = False
    link: str = ""

    @property
    def target(self) -> str:
        return f"{self.path}?{quote(self.query, safe='$=&')}"


OPTIONS = {
    "filter": ("{path}?$filter={all}", "{path}?$filter=@p&@p={all}", "{path}/$count?$filter={all}"),
    "orderby": ("{path}?$orderby={list}", "{path}?$orderby=@p desc&@p={all}"),
    "skiptoken": ("{path}?$orderby={list}", "{path}?$filter={all}"),
    "count": ("{path}?$count=true&$filter={all}",),
    "top": ("{path}?$top=1&$orderby={list}",),
    "skip": ("{path}?$skip=1&$filter={all}",),
    "select": ("{path}?$select=ModifiedAt&$orderby={list}",),
    "format": ("{path}?$format=application/json;odata.metadata=full&$filter={all}",),
    "expand": (),
}
"""The positions by the system query option that they belong to; those of `$expand` are below."""

SYNTAX = {
    "Constant", "Path", "Alias", "CountOf", "Quantified", "FunctionCall", "Binary", "Unary",
    "Logical", "In",
}  # fmt: skip
"""The parts of expressions that the positions here have."""

TO_ONE = (
    "{path}?$filter={all:N/}",
    "{path}/$count?$filter={all:N/}",
    "{path}?$filter=Id in (1,2) and not ({all:$it/N/} and false)",
    "{path}?$orderby={list:N/}",
    "{path}?$expand=N($select=ModifiedAt)&$filter={all:N/}",
)
TO_MANY = (
    "{path}?$filter=N/any(x:{all:x/})",
    "{path}?$filter=N/all(x:{all:x/})",
    "{path}?$filter=not N/any(x:not({all:x/}))",
    "{path}?$filter=N/$count($filter={all:}) ge 0",
    "{path}?$orderby=N/any(x:{all:x/}) desc,N/$count($filter={all:})",
    "{path}/$count?$filter=N/all(x:{all:x/})",
    "{path}?$expand=N($filter={all:})",
    "{path}?$expand=N($orderby={list:};$top=1;$skip=0)",
    "{path}?$expand=N($count=true;$filter={all:})",
    "{path}?$expand=N/$count($filter={all:})",
    "{path}?$expand=N/$ref($filter={all:})",
    "{path}?$expand=N($filter={own:$it/})",
    "{path}?$filter=N/any(x:{own:$it/})",
    "{key}/N?$filter={all:}",
    "{key}/N?$orderby={list:}",
    "{key}/N/$count?$filter={all:}",
)
PAGED = frozenset({"skiptoken"})


def probes(access: Access) -> Iterator[Probe]:
    """Every position of every entity type, with all expressions that can fail."""
    for entity in MODEL.sets.values():
        if access.reads(entity):
            yield from _of(access, entity, entity.set_name, _key(entity))
            yield from _alone(entity, entity.set_name)
    for functions in MODEL.functions.values():
        for function in functions.values():
            binding, entity = MODEL.types[function.binding], MODEL.types[function.returns]
            yield from _of(access, entity, f"{binding.set_name}/{_call(function)}", None)


def _alone(entity: EntityType, path: str) -> Iterator[Probe]:
    """Each expression by itself."""
    for name, text in expressions(entity).items():
        yield Probe(f"{entity.name} filter {name}", path, f"$filter={text}")


def _of(access: Access, entity: EntityType, path: str, key: str | None) -> Iterator[Probe]:
    for option, templates in OPTIONS.items():
        for template in templates:
            yield from _made(template, entity, entity, "", path, key, option)
    for navigation in entity.navigations:
        target = MODEL.target(navigation)
        if access.reads(target):
            for template in TO_MANY if navigation.many else TO_ONE:
                yield from _made(template, entity, target, navigation.name, path, key, template)
            yield from _nested(access, entity, navigation, path)


def _nested(
    access: Access, entity: EntityType, navigation: Navigation, path: str
) -> Iterator[Probe]:
    for inner in MODEL.target(navigation).navigations:
        target = MODEL.target(inner)
        if inner.many and access.reads(target) and (found := expressions(target)):
            query = f"$expand={navigation.name}($expand={inner.name}($filter={_all(found)}))"
            yield Probe(f"{entity.name} {query[:60]}", path, query)


def _made(
    template: str,
    own: EntityType,
    target: EntityType,
    name: str,
    path: str,
    key: str | None,
    position: str,
) -> Iterator[Probe]:
    if "{key}" in template and key is None:
        return
    text = template.replace("{path}", path).replace("{key}", key or "")
    if "ModifiedAt" in text and target.find("ModifiedAt") is None:
        text = text.replace("ModifiedAt", "Id")
    for before in ("N/", "$it/N/", "x/", "$it/", ""):
        prefix = before.replace("N", name)
        for kind, entity in (("all", target), ("list", target), ("own", own)):
            for mark in (f"{{{kind}:{before}}}", f"{{{kind}}}" if before == "" else "\0"):
                if mark in text:
                    found = expressions(entity, prefix)
                    if not found:
                        return
                    joined = ",".join(found.values()) if kind == "list" else _all(found)
                    text = text.replace(mark, joined)
    head, _, query = text.partition("?")
    head = head.replace("/N", f"/{name}")
    query = query.replace("=N", f"={name}").replace(" N/", f" {name}/").replace(",N/", f",{name}/")
    yield Probe(f"{own.name} {name} {position}", head, query, position in PAGED)


def _all(found: dict[str, str]) -> str:
    return " and ".join(f"({each})" for each in found.values())


def _key(entity: EntityType) -> str:
    key = entity.keys[0]
    return f"{entity.set_name}({FIRST})" if key.type is not Edm.STRING else (
        f"{entity.set_name}('a secret')"
    )  # fmt: skip


def _call(function: Function) -> str:
    days = {"from": "2026-01-01", "to": "2026-12-31"}
    return f"{function.name}({','.join(f'{p.name}={days[p.name]}' for p in function.parameters)})"
