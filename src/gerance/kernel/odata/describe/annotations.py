"""Annotations of the standard's vocabularies, as CSDL writes them in XML."""

from collections.abc import Iterable
from xml.etree.ElementTree import Element, SubElement

CORE = "Org.OData.Core.V1"
CAPABILITIES = "Org.OData.Capabilities.V1"
VALIDATION = "Org.OData.Validation.V1"

_VOCABULARIES = "https://docs.oasis-open.org/odata/odata-vocabularies/v4.0/vocabularies"
REFERENCES = {name: f"{_VOCABULARIES}/{name}.xml" for name in (CORE, CAPABILITIES, VALIDATION)}
"""Namespace of a vocabulary, and where it is described."""

Constant = bool | int | str


def annotate(element: Element, term: str, value: Constant | None = None) -> Element:
    """The new annotation of an element; without a value, what is put inside it is its value."""
    annotation = SubElement(element, "Annotation", Term=term)
    if value is not None:
        annotation.set(*_constant(value))
    return annotation


def describe(element: Element, text: str) -> None:
    """Say what a part of the model means."""
    annotate(element, f"{CORE}.Description", text)


def record(parent: Element, **members: Constant) -> Element:
    """A record of named constants, inside an annotation or a collection."""
    element = SubElement(parent, "Record")
    for name, value in members.items():
        SubElement(element, "PropertyValue", dict([("Property", name), _constant(value)]))
    return element


def paths(parent: Element, names: Iterable[str], *, kind: str = "PropertyPath") -> None:
    """A collection of paths to properties, inside an annotation or a member of a record."""
    collection = SubElement(parent, "Collection")
    for name in names:
        SubElement(collection, kind).text = name


def _constant(value: Constant) -> tuple[str, str]:
    if isinstance(value, bool):
        return "Bool", str(value).lower()
    return ("Int", str(value)) if isinstance(value, int) else ("String", value)
