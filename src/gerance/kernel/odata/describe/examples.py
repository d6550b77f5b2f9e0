"""Examples made from a model: values of properties, and questions to a set that are worth asking.

OpenAPI, the Postman collection and the reference pages show them; tests ask them.
"""

from dataclasses import dataclass
from urllib.parse import quote

from gerance.kernel.odata.edm import Edm, EntityType, Function, Model, Navigation, Property

_VALUES: dict[Edm, object] = {
    Edm.BOOLEAN: True,
    Edm.INT32: 1,
    Edm.INT64: 1,
    Edm.DECIMAL: 950.5,
    Edm.DOUBLE: 45.5,
    Edm.STRING: "A",
    Edm.GUID: "17ab7b5b-b7ca-48f6-a5f3-3dfbcbaee1a2",
    Edm.DATE: "2026-07-01",
    Edm.DATE_TIME_OFFSET: "2026-07-01T08:30:00.000Z",
    Edm.TIME_OF_DAY: "08:30:00",
    Edm.DURATION: "P1D",
}
_FEW = 5
_PLAIN = "$,;()='/:@!"


@dataclass(frozen=True)
class ExampleQuery:
    """A request to a set. `path` begins with the set; `options`: query options and their texts."""

    title: str
    path: str
    options: tuple[tuple[str, str], ...] = ()

    @property
    def url(self) -> str:
        """Path and query, percent-encoded where it must be, below the root of the service."""
        query = "&".join(f"{name}={quote(text, safe=_PLAIN)}" for name, text in self.options)
        return f"{self.path}?{query}" if query else self.path


def value_of(property_: Property) -> object:
    """A value of a property, as JSON has it."""
    if property_.values:
        code = next(iter(property_.values))
        return code if property_.type is Edm.STRING else int(code)
    return _VALUES[property_.type]


def literal(kind: Edm, value: object) -> str:
    """A value as a URL has it."""
    match value:
        case bool():
            return str(value).lower()
        case str() if kind is Edm.STRING:
            return "'" + value.replace("'", "''") + "'"
        case str() if kind is Edm.DURATION:
            return f"duration'{value}'"
        case _:
            return str(value)


def key_predicate(entity: EntityType, values: dict[str, str]) -> str:
    """What follows a set's name to find one of its entities; `values` are literals by name."""
    if len(entity.key) == 1:
        return f"({values[entity.keys[0].name]})"
    return f"({','.join(f'{each.name}={values[each.name]}' for each in entity.keys)})"


def columns_of_interest(entity: EntityType) -> list[Property]:
    """The key, what else finds an entity, what people sort by, what is coded: a few properties."""
    unique = [name for group in entity.unique for name in group]
    candidates = [*entity.keys, *(each for each in entity.properties if each.name in unique)]
    candidates += [each for each in entity.properties if each.sorted_by is not None]
    candidates += [each for each in entity.properties if each.values]
    candidates += [each for each in entity.properties if each.required]
    return list({each.name: each for each in (*candidates, *entity.properties)}.values())[:_FEW]


def select_option(entity: EntityType) -> str:
    return ",".join(each.name for each in columns_of_interest(entity))


def filtered(entity: EntityType) -> str:
    """A condition that its entities may meet."""
    by_code = [each for each in entity.properties if each.values]
    by_day = [e for e in entity.properties if e.type in (Edm.DATE, Edm.DATE_TIME_OFFSET)]
    if by_code:
        return f"{by_code[0].name} eq {literal(by_code[0].type, value_of(by_code[0]))}"
    if texts := [each for each in entity.properties if each.sorted_by is not None]:
        return f"contains({texts[0].name},'a')"
    if by_day:
        return f"{by_day[0].name} ge {literal(by_day[0].type, value_of(by_day[0]))}"
    first = entity.properties[0]
    return f"{first.name} ne {literal(first.type, value_of(first))}"


def orderby_option(entity: EntityType) -> str:
    sorted_texts = [each for each in entity.properties if each.sorted_by is not None]
    first = (sorted_texts or [*columns_of_interest(entity)[1:], entity.keys[0]])[0]
    return first.name if first in entity.keys else f"{first.name},{entity.key[0]} desc"


def expand_option(model: Model, entity: EntityType) -> str | None:
    """The first navigation to many, else to one, with options of its own; None without any."""
    ways = sorted(_navigations(model, entity), key=lambda way: not way.many)
    if not ways:
        return None
    inner = f"$select={select_option(model.target(ways[0]))}"
    return f"{ways[0].name}({inner};$top=3)" if ways[0].many else f"{ways[0].name}({inner})"


def _navigations(model: Model, entity: EntityType) -> list[Navigation]:
    return [way for way in entity.navigations if model.entity_set(model.target(way).set_name)]


def example_queries(model: Model, entity: EntityType) -> list[ExampleQuery]:
    """What to ask the set of an entity type: lists, by all the options, and a count."""
    name = entity.set_name
    top = ("$top", str(_FEW))
    select = ("$select", select_option(entity))
    queries = [
        ExampleQuery(f"Some columns of {name}", name, (select, top)),
        ExampleQuery(
            f"{name}, filtered and sorted",
            name,
            (
                ("$filter", filtered(entity)),
                ("$orderby", orderby_option(entity)),
                top,
                ("$count", "true"),
            ),
        ),
    ]
    if way := expand_option(model, entity):
        queries.append(
            ExampleQuery(f"{name} with what belongs to them", name, (("$expand", way), top))
        )
    queries.append(
        ExampleQuery(f"How many {name}", f"{name}/$count", (("$filter", filtered(entity)),))
    )
    return queries


def call(entity: EntityType, function: Function) -> ExampleQuery:
    """A call of a function of the set; days come in their order."""
    days = iter(("2026-12-01", "2027-01-31"))
    arguments = []
    for each in function.parameters:
        value = next(days, "2027-02-28") if each.type is Edm.DATE else _VALUES[each.type]
        arguments.append((each.name, literal(each.type, value)))
    path = f"{entity.set_name}/{function.name}"
    return ExampleQuery(f"{entity.set_name}: {function.name}", path, tuple(arguments))
