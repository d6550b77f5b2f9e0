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
    names = set(sets)
    return [
        {"name": entity.set_name, "kind": "EntitySet", "url": entity.set_name}
        for entity in model.sets.values()
        if entity.set_name in names
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
        member = _add_property(element, each, nullable=each.nullable and each not in entity.keys)
        if annotations is not None and each.name in annotations.fixed_of(entity):
            annotate(member, f"{CORE}.Immutable", value=True)
    for navigation in navigations:
        _add_navigation(element, model, entity, navigation)
    describe(element, entity.description)
    if entity.unique:
        _add_alternate_keys(element, entity)


def _add_property(element: Element, property_: Property, *, nullable: bool) -> Element:
    member = SubElement(element, "Property", Name=property_.name, Type=property_.type.value)
    if not nullable:
        member.set("Nullable", "false")
    if property_.max_length is not None:
        member.set("MaxLength", str(property_.max_length))
    precision, scale = property_.precision, property_.scale
    if property_.type is Edm.DATE_TIME_OFFSET and precision is None:
        precision = _MILLISECONDS
    if precision is not None:
        member.set("Precision", str(precision))
    if property_.type is Edm.DECIMAL:
        # Without Scale, a client of 4.0 must take it for 0.
        member.set("Scale", "variable" if scale is None else str(scale))
    describe(member, property_.description)
    if property_.computed:
        annotate(member, f"{CORE}.Computed", value=True)
        annotate(member, f"{CORE}.Permissions").set("EnumMember", f"{CORE}.Permission/Read")
    if property_.values:
        _add_allowed_values(member, property_)
    return member


def _add_allowed_values(element: Element, property_: Property) -> None:
    annotation = annotate(element, f"{VALIDATION}.AllowedValues")
    collection = SubElement(annotation, "Collection")
    for code, meaning in property_.values.items():
        value = code if property_.type is Edm.STRING else int(code)
        describe(record(collection, Value=value), meaning)


def _add_navigation(
    element: Element, model: Model, entity: EntityType, navigation: Navigation
) -> None:
    target = f"{model.namespace}.{navigation.target}"
    member = SubElement(
        element,
        "NavigationProperty",
        Name=navigation.name,
        Type=f"Collection({target})" if navigation.many else target,
    )
    if not navigation.many:
        if not may_be_null(entity, navigation):
            member.set("Nullable", "false")
        for own, theirs in navigation.referential:
            SubElement(member, "ReferentialConstraint", Property=own, ReferencedProperty=theirs)
    if navigation.partner is not None:
        member.set("Partner", navigation.partner)
    describe(member, navigation.description)


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
    member = SubElement(schema, "Function", Name=function.name, IsBound="true", IsComposable="true")
    of_set = f"Collection({model.namespace}.{function.binding})"
    if function.binding in _itself_and_bases(model, function.returns):
        member.set("EntitySetPath", "bindingParameter")
    SubElement(member, "Parameter", Name="bindingParameter", Type=of_set, Nullable="false")
    for parameter in function.parameters:
        element = SubElement(member, "Parameter", Name=parameter.name, Type=parameter.type.value)
        describe(element, parameter.description)
        if parameter.required:
            element.set("Nullable", "false")
        else:
            record(annotate(element, f"{CORE}.OptionalParameter"))
    return_type = f"Collection({model.namespace}.{function.returns})"
    SubElement(member, "ReturnType", Type=return_type, Nullable="false")
    describe(member, function.description)


def _itself_and_bases(model: Model, name: str | None) -> list[str]:
    names = []
    while name is not None:
        names.append(name)
        name = model.types[name].base
    return names
