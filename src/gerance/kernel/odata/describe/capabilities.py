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
    restrictions = SubElement(container, "EntitySet", Name=entity.set_name, EntityType=name)
    for path, target in _bindings(model, entity):
        SubElement(restrictions, "NavigationPropertyBinding", Path=path, Target=target)
    describe(restrictions, entity.description)
    _add_reading(restrictions, entity)
    _add_change_support(restrictions, model, entity)
    if annotations is None:
        _add_no_writing(restrictions)
    else:
        _add_writing(restrictions, entity, annotations)
    if entity.version is not None:
        # Empty: the service does not say from what it makes an ETag.
        paths(annotate(restrictions, f"{CORE}.OptimisticConcurrency"), ())


def _bindings(model: Model, entity: EntityType) -> list[tuple[str, str]]:
    """Where the navigations of a set's entities lead, those of its derived types included."""
    bindings = [(each.name, model.types[each.target]) for each in entity.navigations]
    for subtypes in model.types.values():
        if subtypes.base == entity.name:
            own = subtypes.navigations[len(entity.navigations) :]
            prefix = f"{model.namespace}.{subtypes.name}"
            bindings += [(f"{prefix}/{each.name}", model.types[each.target]) for each in own]
    return [
        (path, target.set_name)
        for path, target in bindings
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


def _add_change_support(element: Element, model: Model, entity: EntityType) -> None:
    support = annotate(element, f"{CAPABILITIES}.ChangeTracking")
    if entity.logged is None:
        record(support, Supported=False)
        return
    restrictions = record(support, Supported=True)
    filterable = SubElement(restrictions, "PropertyValue", Property="FilterableProperties")
    paths(filterable, [each.name for each in entity.properties])
    expandable_names = [each.name for each in entity.navigations if model.target(each).logged]
    expandable = SubElement(restrictions, "PropertyValue", Property="ExpandableProperties")
    paths(expandable, expandable_names, kind="NavigationPropertyPath")


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


def _add_inserting(
    restrictions: Element, entity: EntityType, annotations: WriteAnnotations
) -> None:
    if required := [each.name for each in entity.properties if each.required]:
        paths(_member(restrictions, "RequiredProperties"), required)
    if read_only := [each.name for each in entity.properties if each.computed]:
        paths(_member(restrictions, "NonInsertableProperties"), read_only)
    deep = annotations.deep_of(entity)
    if others := [each.name for each in entity.navigations if each.many and each not in deep]:
        navigations = _member(restrictions, "NonInsertableNavigationProperties")
        paths(navigations, others, kind="NavigationPropertyPath")


def _add_updating(restrictions: Element, entity: EntityType, annotations: WriteAnnotations) -> None:
    _member(restrictions, "UpdateMethod").set("EnumMember", f"{CAPABILITIES}.HttpMethod/PATCH")
    fixed = annotations.fixed_of(entity)
    names = [each.name for each in entity.properties if each.computed or each.name in fixed]
    if names:
        paths(_member(restrictions, "NonUpdatableProperties"), names)


def _member(restrictions: Element, name: str) -> Element:
    return SubElement(restrictions, "PropertyValue", Property=name)
