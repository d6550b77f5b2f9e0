"""What a service says of itself: the service document, and `$metadata` in CSDL.

In XML, CSDL 4.0, which every client reads, with the annotations of 4.01; in JSON the same.
Source: OData Common Schema Definition Language (CSDL) XML Representation 4.01, and the
vocabularies of OASIS.
"""

from collections.abc import Iterable
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from gerance.kernel.odata.describe.annotations import (
    CORE,
    REFERENCES,
    VALIDATION,
    annotate,
    describe,
    record,
)
from gerance.kernel.odata.describe.capabilities import add_container
from gerance.kernel.odata.describe.csdl_json import csdl_json
from gerance.kernel.odata.edm import Edm, EntityType, Function, Model, Navigation, Property
from gerance.kernel.odata.write_annotations import WriteAnnotations
from gerance.kernel.wire import encode

_EDMX = "http://docs.oasis-open.org/odata/ns/edmx"
_EDM = "http://docs.oasis-open.org/odata/ns/edm"
_MILLISECONDS = 3


def metadata_xml(model: Model, annotations: WriteAnnotations | None = None) -> bytes:
    """`$metadata` of a model in XML. `annotations`: of writing it, if that is served."""
    root = _edmx(model, annotations)
    indent(root, " ")
    document: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def metadata_json(model: Model, annotations: WriteAnnotations | None = None) -> bytes:
    """`$metadata` of a model in JSON, which only 4.01 has."""
    return encode(csdl_json(_edmx(model, annotations)))


def _edmx(model: Model, annotations: WriteAnnotations | None) -> Element:
    root = Element("edmx:Edmx", {"xmlns:edmx": _EDMX, "Version": "4.0"})
    for namespace, uri in REFERENCES.items():
        reference = SubElement(root, "edmx:Reference", Uri=uri)
        SubElement(reference, "edmx:Include", Namespace=namespace)
    services = SubElement(root, "edmx:DataServices")
    schema = SubElement(services, "Schema", {"xmlns": _EDM, "Namespace": model.namespace})
    for entity in model.types.values():
        _add_type(schema, model, entity, annotations)
    for functions in model.functions.values():
        for function in functions.values():
            _add_function(schema, model, function)
    add_container(schema, model, annotations)
    return root


def service_document(model: Model, sets: Iterable[str]) -> list[dict[str, str]]:
    """The members of the service document: those of a model's sets whose names are in `sets`."""
    wanted = set(sets)
    return [
        {"name": entity.set_name, "kind": "EntitySet", "url": entity.set_name}
        for entity in model.sets.values()
        if entity.set_name in wanted
    ]


def _add_type(
    schema: Element, model: Model, entity: EntityType, annotations: WriteAnnotations | None
) -> None:
    element = SubElement(schema, "EntityType", Name=entity.name)
    properties, navigations = entity.properties, entity.navigations
    if entity.base is None:
        key = SubElement(element, "Key")
        for name in entity.keys:
            SubElement(key, "PropertyRef", Name=name.name)
    else:
        base = model.types[entity.base]
        element.set("BaseType", f"{model.namespace}.{base.name}")
        properties = properties[len(base.properties) :]
        navigations = navigations[len(base.navigations) :]
    if entity.media:
        element.set("HasStream", "true")
    for each in properties:
        made = _add_property(element, each, nullable=each.nullable and each not in entity.keys)
        if annotations is not None and each.name in annotations.fixed_of(entity):
            annotate(made, f"{CORE}.Immutable", value=True)
    for navigation in navigations:
        _add_navigation(element, model, entity, navigation)
    describe(element, entity.description)
    if entity.unique:
        _add_alternate_keys(element, entity)


def _add_property(element: Element, declared: Property, *, nullable: bool) -> Element:
    made = SubElement(element, "Property", Name=declared.name, Type=declared.type.value)
    if not nullable:
        made.set("Nullable", "false")
    if declared.max_length is not None:
        made.set("MaxLength", str(declared.max_length))
    precision, scale = declared.precision, declared.scale
    if declared.type is Edm.DATE_TIME_OFFSET and precision is None:
        precision = _MILLISECONDS
    if precision is not None:
        made.set("Precision", str(precision))
    if declared.type is Edm.DECIMAL:
        # Without Scale, a client of 4.0 must take it for 0.
        made.set("Scale", "variable" if scale is None else str(scale))
    describe(made, declared.description)
    if declared.computed:
        annotate(made, f"{CORE}.Computed", value=True)
        annotate(made, f"{CORE}.Permissions").set("EnumMember", f"{CORE}.Permission/Read")
    if declared.values:
        _add_allowed_values(made, declared)
    return made


def _add_allowed_values(element: Element, declared: Property) -> None:
    annotation = annotate(element, f"{VALIDATION}.AllowedValues")
    collection = SubElement(annotation, "Collection")
    for code, meaning in declared.values.items():
        value = code if declared.type is Edm.STRING else int(code)
        describe(record(collection, Value=value), meaning)


def _add_navigation(
    element: Element, model: Model, entity: EntityType, navigation: Navigation
) -> None:
    target = f"{model.namespace}.{navigation.target}"
    made = SubElement(
        element,
        "NavigationProperty",
        Name=navigation.name,
        Type=f"Collection({target})" if navigation.many else target,
    )
    if not navigation.many:
        if not may_be_null(entity, navigation):
            made.set("Nullable", "false")
        for own, theirs in navigation.referential:
            SubElement(made, "ReferentialConstraint", Property=own, ReferencedProperty=theirs)
    if navigation.partner is not None:
        made.set("Partner", navigation.partner)
    describe(made, navigation.description)


def may_be_null(entity: EntityType, navigation: Navigation) -> bool:
    """Whether a navigation to one may lead nowhere: a column that it goes by may be null."""
    sure = {each.column for each in entity.properties if not each.nullable}
    return any(own not in sure for own, _ in navigation.columns)


def _add_alternate_keys(element: Element, entity: EntityType) -> None:
    collection = SubElement(annotate(element, f"{CORE}.AlternateKeys"), "Collection")
    for group in entity.unique:
        key = SubElement(SubElement(collection, "Record"), "PropertyValue", Property="Key")
        references = SubElement(key, "Collection")
        for name in group:
            reference = SubElement(references, "Record")
            SubElement(reference, "PropertyValue", Property="Name", PropertyPath=name)
            SubElement(reference, "PropertyValue", Property="Alias", String=name)


def _add_function(schema: Element, model: Model, function: Function) -> None:
    made = SubElement(schema, "Function", Name=function.name, IsBound="true", IsComposable="true")
    of_set = f"Collection({model.namespace}.{function.binding})"
    if function.binding in _itself_and_bases(model, function.returns):
        made.set("EntitySetPath", "bindingParameter")
    SubElement(made, "Parameter", Name="bindingParameter", Type=of_set, Nullable="false")
    for parameter in function.parameters:
        element = SubElement(made, "Parameter", Name=parameter.name, Type=parameter.type.value)
        describe(element, parameter.description)
        if parameter.required:
            element.set("Nullable", "false")
        else:
            record(annotate(element, f"{CORE}.OptionalParameter"))
    returned = f"Collection({model.namespace}.{function.returns})"
    SubElement(made, "ReturnType", Type=returned, Nullable="false")
    describe(made, function.description)


def _itself_and_bases(model: Model, name: str | None) -> list[str]:
    found = []
    while name is not None:
        found.append(name)
        name = model.types[name].base
    return found
