"""CSDL in JSON, from the same in XML: as far as `metadata` writes it.

Source: OData Common Schema Definition Language (CSDL) JSON Representation 4.01. A test compares it
with what the converter of the OASIS committee makes.
"""

from typing import Any
from xml.etree.ElementTree import Element

Json = dict[str, Any]

_COLLECTION = "Collection("


def csdl_json(edmx: Element) -> Json:
    """The document, from its root in XML, whose tags are as they are written there."""
    document: Json = {"$Version": "4.01"}
    document["$Reference"] = {
        each.attrib["Uri"]: {"$Include": [{"$Namespace": i.attrib["Namespace"]} for i in each]}
        for each in edmx.findall("edmx:Reference")
    }
    for schema in edmx.iter("Schema"):
        namespace = schema.attrib["Namespace"]
        document[namespace] = _schema(schema)
        for container in schema.findall("EntityContainer"):
            document["$EntityContainer"] = f"{namespace}.{container.attrib['Name']}"
    return document


def _schema(schema: Element) -> Json:
    members: Json = {}
    for each in schema:
        name = each.attrib["Name"]
        match each.tag:
            case "EntityType":
                members[name] = _entity_type(each)
            case "Function":
                members.setdefault(name, []).append(_function(each))
            case "EntityContainer":
                sets = {s.attrib["Name"]: _entity_set(s) for s in each.findall("EntitySet")}
                members[name] = {"$Kind": "EntityContainer", **sets, **_annotations(each)}
    return members


def _entity_type(element: Element) -> Json:
    member: Json = {"$Kind": "EntityType"}
    if (base := element.get("BaseType")) is not None:
        member["$BaseType"] = base
    if element.get("HasStream") == "true":
        member["$HasStream"] = True
    if keys := element.findall("Key/PropertyRef"):
        member["$Key"] = [each.attrib["Name"] for each in keys]
    for each in element.findall("Property"):
        member[each.attrib["Name"]] = _type_members(each, plain="Edm.String")
    for each in element.findall("NavigationProperty"):
        member[each.attrib["Name"]] = _navigation(each)
    return member | _annotations(element)


def _navigation(element: Element) -> Json:
    member: Json = {"$Kind": "NavigationProperty", **_type(element)}
    if "$Collection" not in member and element.get("Nullable") != "false":
        member["$Nullable"] = True
    if (partner := element.get("Partner")) is not None:
        member["$Partner"] = partner
    if constraints := element.findall("ReferentialConstraint"):
        member["$ReferentialConstraint"] = {
            each.attrib["Property"]: each.attrib["ReferencedProperty"] for each in constraints
        }
    return member | _annotations(element)


def _function(element: Element) -> Json:
    member: Json = {"$Kind": "Function"}
    if (path := element.get("EntitySetPath")) is not None:
        member["$EntitySetPath"] = path
    member |= {"$IsBound": True, "$IsComposable": True}
    member["$Parameter"] = [
        {"$Name": each.attrib["Name"], **_type_members(each)}
        for each in element.findall("Parameter")
    ]
    (return_type,) = element.findall("ReturnType")
    return member | {"$ReturnType": _type_members(return_type)} | _annotations(element)


def _entity_set(element: Element) -> Json:
    member: Json = {"$Collection": True, "$Type": element.attrib["EntityType"]}
    if bindings := element.findall("NavigationPropertyBinding"):
        member["$NavigationPropertyBinding"] = {
            each.attrib["Path"]: each.attrib["Target"] for each in bindings
        }
    return member | _annotations(element)


def _type_members(element: Element, *, plain: str | None = None) -> Json:
    """Type and facets; a type that is `plain` goes without saying."""
    member = {} if element.get("Type") == plain else _type(element)
    if element.get("Nullable") != "false":
        member["$Nullable"] = True
    for name in ("MaxLength", "Precision", "Scale"):
        if (value := element.get(name)) is not None:
            member[f"${name}"] = int(value) if value.isdecimal() else value
    return member | _annotations(element)


def _type(element: Element) -> Json:
    name = element.attrib["Type"]
    if name.startswith(_COLLECTION):
        return {"$Collection": True, "$Type": name.removeprefix(_COLLECTION).removesuffix(")")}
    return {"$Type": name}


def _annotations(element: Element) -> Json:
    return {f"@{each.attrib['Term']}": _value(each) for each in element.findall("Annotation")}


def _value(element: Element) -> Any:
    """The value of an annotation, or of a member of a record: an attribute or what is inside."""
    for name, text in element.items():
        match name:
            case "Bool":
                return text == "true"
            case "Int":
                return int(text)
            case "String" | "PropertyPath":
                return text
            case "EnumMember":
                return text.rpartition("/")[2]
    (inside,) = element
    return _inside(inside)


def _inside(element: Element) -> Any:
    if element.tag == "Record":
        values = {e.attrib["Property"]: _value(e) for e in element.findall("PropertyValue")}
        return values | _annotations(element)
    return [_inside(each) if each.tag == "Record" else each.text for each in element]
