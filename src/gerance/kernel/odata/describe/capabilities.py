"""The container of a model in CSDL: its sets, where their navigations lead, what they can do."""

from xml.etree.ElementTree import Element, SubElement

from gerance.kernel.odata.describe.annotations import (
    CAPABILITIES,
    CORE,
    annotate,
    describe,
    paths,
    record,
)
from gerance.kernel.odata.edm import EntityType, Model
from gerance.kernel.odata.parse.options import DEEPEST_EXPAND
from gerance.kernel.odata.plan.functions import FUNCTIONS
from gerance.kernel.odata.write_annotations import WriteAnnotations

CONTAINER = "Container"


def add_container(schema: Element, model: Model, annotations: WriteAnnotations | None) -> None:
    """Add the container of a model's sets to its schema. `annotations`: None for read-only sets."""
    container = SubElement(schema, "EntityContainer", Name=CONTAINER)
    for entity in model.sets.values():
        _add_set(container, model, entity, annotations)
    for term in ("BatchSupported", "CrossJoinSupported", "AsynchronousRequestsSupported"):
        annotate(container, f"{CAPABILITIES}.{term}", value=False)
    functions = annotate(container, f"{CAPABILITIES}.FilterFunctions")
    paths(functions, (*FUNCTIONS, "cast", "isof"), kind="String")


def _add_set(
    container: Element, model: Model, entity: EntityType, annotations: WriteAnnotations | None
) -> None:
    name = f"{model.namespace}.{entity.name}"
    made = SubElement(container, "EntitySet", Name=entity.set_name, EntityType=name)
    for path, target in _bindings(model, entity):
        SubElement(made, "NavigationPropertyBinding", Path=path, Target=target)
    describe(made, entity.description)
    _add_reading(made, entity)
    _add_tracking(made, model, entity)
    if annotations is None:
        _add_no_writing(made)
    else:
        _add_writing(made, entity, annotations)
    if entity.version is not None:
        # Empty: the service does not say from what it makes an ETag.
        paths(annotate(made, f"{CORE}.OptimisticConcurrency"), ())


def _bindings(model: Model, entity: EntityType) -> list[tuple[str, str]]:
    """Where the navigations of a set's entities lead, those of its derived types included."""
    found = [(each.name, model.types[each.target]) for each in entity.navigations]
    for derived in model.types.values():
        if derived.base == entity.name:
            own = derived.navigations[len(entity.navigations) :]
            prefix = f"{model.namespace}.{derived.name}"
            found += [(f"{prefix}/{each.name}", model.types[each.target]) for each in own]
    return [
        (path, target.set_name)
        for path, target in found
        if model.entity_set(target.set_name) is target
    ]


def _add_reading(element: Element, entity: EntityType) -> None:
    supported = {"TopSupported": True, "SkipSupported": True, "IndexableByKey": True}
    for term, yes in supported.items():
        annotate(element, f"{CAPABILITIES}.{term}", value=yes)
    for term, member in (
        ("CountRestrictions", "Countable"),
        ("FilterRestrictions", "Filterable"),
        ("SortRestrictions", "Sortable"),
    ):
        record(annotate(element, f"{CAPABILITIES}.{term}"), **{member: True})
    expanding = annotate(element, f"{CAPABILITIES}.ExpandRestrictions")
    if entity.navigations:
        record(expanding, Expandable=True, MaxLevels=DEEPEST_EXPAND)
    else:
        record(expanding, Expandable=False)
    record(annotate(element, f"{CAPABILITIES}.SearchRestrictions"), Searchable=False)


def _add_tracking(element: Element, model: Model, entity: EntityType) -> None:
    tracking = annotate(element, f"{CAPABILITIES}.ChangeTracking")
    if entity.logged is None:
        record(tracking, Supported=False)
        return
    made = record(tracking, Supported=True)
    filterable = SubElement(made, "PropertyValue", Property="FilterableProperties")
    paths(filterable, [each.name for each in entity.properties])
    followed = [each.name for each in entity.navigations if model.target(each).logged]
    expandable = SubElement(made, "PropertyValue", Property="ExpandableProperties")
    paths(expandable, followed, kind="NavigationPropertyPath")


_RESTRICTIONS = {"Insert": "Insertable", "Update": "Updatable", "Delete": "Deletable"}
_KINDS = {"Insert": "create", "Update": "update", "Delete": "delete"}


def _add_no_writing(element: Element) -> None:
    for term, member in _RESTRICTIONS.items():
        record(annotate(element, f"{CAPABILITIES}.{term}Restrictions"), **{member: False})


def _add_writing(element: Element, entity: EntityType, annotations: WriteAnnotations) -> None:
    records = {
        term: record(
            annotate(element, f"{CAPABILITIES}.{term}Restrictions"),
            **{member: _KINDS[term] in entity.writes},
        )
        for term, member in _RESTRICTIONS.items()
    }
    if "create" in entity.writes:
        _add_inserting(records["Insert"], entity, annotations)
    if "update" in entity.writes:
        _add_updating(records["Update"], entity, annotations)
    if annotations.deep_of(entity):
        annotation = annotate(element, f"{CAPABILITIES}.DeepInsertSupport")
        record(annotation, Supported=True, ContentIDSupported=False)


def _add_inserting(made: Element, entity: EntityType, annotations: WriteAnnotations) -> None:
    if required := [each.name for each in entity.properties if each.required]:
        paths(_member(made, "RequiredProperties"), required)
    if computed := [each.name for each in entity.properties if each.computed]:
        paths(_member(made, "NonInsertableProperties"), computed)
    deep = annotations.deep_of(entity)
    if others := [each.name for each in entity.navigations if each.many and each not in deep]:
        navigations = _member(made, "NonInsertableNavigationProperties")
        paths(navigations, others, kind="NavigationPropertyPath")


def _add_updating(made: Element, entity: EntityType, annotations: WriteAnnotations) -> None:
    _member(made, "UpdateMethod").set("EnumMember", f"{CAPABILITIES}.HttpMethod/PATCH")
    fixed = annotations.fixed_of(entity)
    names = [each.name for each in entity.properties if each.computed or each.name in fixed]
    if names:
        paths(_member(made, "NonUpdatableProperties"), names)


def _member(made: Element, name: str) -> Element:
    return SubElement(made, "PropertyValue", Property=name)
