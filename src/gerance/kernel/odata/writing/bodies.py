"""JSON bodies to what is to be written; the first 20 problems of one are reported together."""

import difflib
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

import msgspec

from gerance.kernel.errors import MOST_PROBLEMS, BadRequest
from gerance.kernel.http.body import require_few_nested
from gerance.kernel.odata.edm import EntityType, Model, Navigation, Property
from gerance.kernel.odata.errors import Detail, NotSupported, ODataRejection
from gerance.kernel.odata.parse.paths import parse_path
from gerance.kernel.odata.parse.syntax import Constant
from gerance.kernel.odata.write_annotations import MOST_DETAILS
from gerance.kernel.odata.writing.payload import NOTHING, EntityWriter, Kind, Payload
from gerance.kernel.odata.writing.values import InvalidValue, value_of
from gerance.kernel.text import TextError, normal_json, require_distinct_members

MOST_MEMBERS = 500
"""Members of one JSON object: some times as many as a type has properties, with annotations."""
MOST_COLONS = 25_000
"""Colons in a body: each member has one. Reading as many members takes some 10 ms."""
MOST_DECIMALS = 20_000
"""Numbers with a fraction or an exponent in a body. Reading as many takes some 5 ms."""
LONGEST_REFERENCE = 512
_BINDS = ("@odata.bind", "@bind")
_IDS = ("@odata.id", "@id")
_TYPES = ("@odata.type", "@type")


def read_object(body: bytes) -> dict[str, Any]:
    """A JSON object, its numbers exact and its texts in one spelling. Raises ODataRejection (400),
    also for a member given twice, whatever the case of its name."""
    try:
        require_few_nested(body)
        if body.count(b":") > MOST_COLONS:
            raise BadRequest(f"The body has over {MOST_COLONS} members.")
        body = normal_json(body)
        decoded = msgspec.json.Decoder(float_hook=_NumberReader()).decode(body)
        require_distinct_members(body, ignore_case=True)
    except (BadRequest, TextError) as rejected:
        raise ODataRejection("BadRequest", str(rejected)) from rejected
    except (msgspec.DecodeError, UnicodeDecodeError) as wrong:
        raise ODataRejection("BadRequest", f"The body is not JSON: {wrong}.") from wrong
    except RecursionError as deep:
        raise ODataRejection("BadRequest", "The body is nested too deeply.") from deep
    if not isinstance(decoded, dict):
        raise ODataRejection("BadRequest", "The body must be a JSON object.")
    return decoded


class _NumberReader:
    """Reads the numbers of one body that have a fraction or an exponent, exactly."""

    def __init__(self) -> None:
        self._count = 0

    def __call__(self, text: str) -> Decimal:
        self._count += 1
        if self._count > MOST_DECIMALS:
            most = f"at most {MOST_DECIMALS} numbers with a fraction or an exponent"
            raise ODataRejection("LimitExceeded", f"A body must have {most}.")
        try:
            return Decimal(text)
        except InvalidOperation:
            raise ValueError(f"{text[:60]} is beyond all numbers") from None


class BodyReader:
    """Reads bodies for the entities of a model."""

    def __init__(self, model: Model, writer: EntityWriter, root: str) -> None:
        self._model = model
        self._writer = writer
        self._root = root

    def read(self, body: Mapping[str, Any], entity: EntityType, kind: Kind) -> Payload:
        """What the body gives of an entity. Raises ODataRejection (400) with its first problems."""
        reading = _EntityReader(self, entity, kind, "", [])
        payload = reading.read(body)
        if reading.problems:
            raise rejection_of_all(reading.problems)
        return payload

    def link_columns(
        self, entity: EntityType, navigation: Navigation, reference: Any
    ) -> dict[str, Any]:
        """The columns that link an entity with the one whose address is given; null unlinks.

        Raises ODataRejection when it is no address of the navigation's target, or when where it
        leads is not for clients to say.
        """
        own_columns = {own for own, _ in navigation.columns}
        if any(each.computed and each.column in own_columns for each in entity.properties):
            name = navigation.name
            raise ODataRejection("ReadOnlyProperty", f"{name} is read-only.", target=name)
        if reference is None:
            return {own: None for own, _ in navigation.columns}
        target = self._model.target(navigation)
        key = self._key_in(reference, target)
        columns = {each.column: key[each.name] for each in target.keys if each.name in key}
        try:
            return {own: columns[theirs] for own, theirs in navigation.columns}
        except KeyError:
            raise NotSupported(f"Linking {navigation.name}", target=navigation.name) from None

    def alternate_references(
        self, body: Mapping[str, Any], entity: EntityType
    ) -> dict[str, tuple[EntityType, str]]:
        """The references of a body that name their entities by codes, `Services(ServiceCode='X')`:
        the member, the type of the entity, and its path."""
        references = {}
        for name, value in body.items():
            bound = next((name[: -len(each)] for each in _BINDS if name.endswith(each)), name)
            navigation = entity.navigation(bound)
            if navigation is None or navigation.many:
                continue
            target = self._model.target(navigation)
            path = self._path_in(reference_in(value) if bound is name else value)
            if path is not None and self._is_alternate(path, target):
                references[name] = (target, path)
        return references

    def alternate_path(self, reference: Any, target: EntityType) -> str | None:
        """The path in a reference that names an entity by its codes; None in any other."""
        path = self._path_in(reference)
        return path if path is not None and self._is_alternate(path, target) else None

    def check_type(self, value: Any, entity: EntityType) -> Detail | None:
        """The problem of an `@odata.type` that is not the type of the entity."""
        name = f"{self._model.namespace}.{entity.name}"
        if isinstance(value, str) and value.rpartition("#")[2] == name:
            return None
        message = f"The entity must be a {name} (got {str(value)[:80]!r})."
        return Detail("WrongType", message, "@odata.type")

    def _path_in(self, reference: Any) -> str | None:
        """The path of a reference below the root of the service; None when it is none."""
        if not isinstance(reference, str):
            return None
        path = reference.partition("://")[2].partition(self._root)[2] or reference
        path = path.removeprefix(self._root).strip("/")
        return path if len(path) <= LONGEST_REFERENCE else None

    def _is_alternate(self, path: str, target: EntityType) -> bool:
        try:
            segments = parse_path(path)
        except ODataRejection:
            return False
        if len(segments) != 1 or self._model.entity_set(segments[0].name) is not target:
            return False
        properties = [target.find(each.name or "") for each in segments[0].arguments or ()]
        names = {each.name for each in properties if each is not None}
        return any(set(group) == names for group in target.unique)

    def deep(self, entity: EntityType) -> frozenset[str]:
        """The navigations whose entities may be created with one of this type."""
        return self._writer.deep(entity)

    def target(self, navigation: Navigation) -> EntityType:
        return self._model.target(navigation)

    def _key_in(self, reference: Any, target: EntityType) -> dict[str, Any]:
        wrong = ODataRejection(
            "BadReference",
            f"Expected the path of an entity of {target.set_name}, got {str(reference)[:80]!r}.",
        )
        path = self._path_in(reference)
        if path is None:
            raise wrong
        segments = parse_path(path)
        if len(segments) != 1 or not segments[0].arguments:
            raise wrong
        if self._model.entity_set(segments[0].name) is not target:
            raise wrong
        key: dict[str, Any] = {}
        for argument in segments[0].arguments:
            property_ = target.find(argument.name or target.key[0])
            if property_ is None or not isinstance(argument.value, Constant):
                raise wrong
            value = argument.value.value
            try:
                key[property_.name] = value_of(
                    property_, str(value) if type(value) is UUID else value
                )
            except InvalidValue as rejection:
                raise wrong from rejection
        if not key.keys() >= set(target.key):
            raise wrong
        return key


def reference_in(value: Any) -> Any:
    """The reference in `{"@odata.id": "Units(5)"}` or, as 4.01 has it, `{"@id": ...}`; None without
    one."""
    if not isinstance(value, dict):
        return None
    return next((value[each] for each in _IDS if each in value), None)


def rejection_of_all(problems: list[Detail]) -> ODataRejection:
    """The rejection of a body: the first problem, and the first `MOST_PROBLEMS` as details."""
    first, problems = problems[0], problems[:MOST_PROBLEMS]
    return ODataRejection(
        first.code,
        first.message,
        target=first.target,
        details=tuple(problems) if len(problems) > 1 else (),
    )


class _EntityReader:
    """One entity of a body; `place`: where it stands, for targets; `problems`: of the whole body.

    Reading stops at `MOST_PROBLEMS`: each costs a search for the name that was meant.
    """

    def __init__(
        self,
        reader: BodyReader,
        entity: EntityType,
        kind: Kind,
        place: str,
        problems: list[Detail],
    ) -> None:
        self.reader = reader
        self.entity = entity
        self.kind = kind
        self.place = place
        self.problems = problems

    def read(self, body: Mapping[str, Any]) -> Payload:
        columns: dict[str, Any] = {}
        details: dict[str, tuple[Payload, ...]] = {}
        links: dict[str, Any] = {}
        for nth, (name, value) in enumerate(body.items()):
            if nth == MOST_MEMBERS:
                message = f"An object must have at most {MOST_MEMBERS} members (got {len(body)})."
                self.problems.append(Detail("LimitExceeded", message, self.place or None))
            if nth == MOST_MEMBERS or len(self.problems) >= MOST_PROBLEMS:
                return NOTHING
            bound = next((name[: -len(each)] for each in _BINDS if name.endswith(each)), None)
            if bound is not None:
                self._bind(links, bound, value)
            elif name in _TYPES:
                problem = self.reader.check_type(value, self.entity)
                self.problems += [] if problem is None else [problem]
            elif "@" in name:
                continue
            elif (property_ := self.entity.find(name)) is not None:
                self._add(columns, property_, value)
            elif (navigation := self.entity.navigation(name)) is not None:
                self._related(details, links, navigation, value)
            else:
                self._unknown(name)
        self._compare(columns, links)
        if self.kind in ("create", "replace"):
            self._require(columns, links)
        return Payload(columns | links, details, frozenset(links))

    def _add(self, columns: dict[str, Any], property_: Property, value: Any) -> None:
        if property_.computed or (self.kind != "create" and property_ in self.entity.keys):
            # Clients send whole entities back: the standard ignores what they cannot change.
            return
        try:
            columns[property_.column] = value_of(property_, value)
        except InvalidValue as rejection:
            self._problem(*rejection.detail)

    def _related(
        self,
        details: dict[str, tuple[Payload, ...]],
        links: dict[str, Any],
        navigation: Navigation,
        value: Any,
    ) -> None:
        if not navigation.many:
            reference = reference_in(value)
            if reference is not None:
                self._bind(links, navigation.name, reference)
            elif value is not None:
                raise NotSupported(f"Creating {navigation.name} with it", target=navigation.name)
            return
        if self.kind != "create" or navigation.name not in self.reader.deep(self.entity):
            raise NotSupported(f"Writing {navigation.name} with it", target=navigation.name)
        if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
            self._problem(
                "WrongType", f"{navigation.name} must be a list of objects.", navigation.name
            )
            return
        if len(value) > MOST_DETAILS:
            message = f"{navigation.name} must have at most {MOST_DETAILS} entities."
            self._problem("LimitExceeded", message, navigation.name)
            return
        payloads = []
        target = self.reader.target(navigation)
        for nth, each in enumerate(value):
            place = f"{self.place}{navigation.name}[{nth}]/"
            reading = _EntityReader(self.reader, target, "create", place, self.problems)
            payloads.append(reading.read(each))
        details[navigation.name] = tuple(payloads)

    def _bind(self, links: dict[str, Any], name: str, reference: Any) -> None:
        navigation = self.entity.navigation(name)
        if navigation is None or navigation.many:
            self._unknown(name)
            return
        try:
            columns = self.reader.link_columns(self.entity, navigation, reference)
        except ODataRejection as rejection:
            self._problem(rejection.code, rejection.message, navigation.name)
            return
        self._compare(links, columns)
        links |= columns

    def _compare(self, columns: Mapping[str, Any], links: Mapping[str, Any]) -> None:
        """A property must not contradict a link; null, which whole entities have, does not."""
        for property_ in self.entity.properties if links else ():
            value = columns.get(property_.column)
            link = links.get(property_.column, value)
            if value is not None and value != link:
                message = f"{property_.name} is {value!s:.40}, but the entity is linked to {link}."
                self._problem("ContradictoryLink", message, property_.name)

    def _require(self, columns: Mapping[str, Any], links: Mapping[str, Any]) -> None:
        for property_ in self.entity.properties:
            if self.kind == "replace" and property_ in self.entity.keys:
                continue
            missing = property_.column not in columns and property_.column not in links
            has_problem = any(each.target == self.place + property_.name for each in self.problems)
            if property_.required and missing and not has_problem and not self._follows(property_):
                message = f"{property_.name} is required: {property_.description}"
                self._problem("RequiredProperty", message, property_.name)

    def _follows(self, property_: Property) -> bool:
        """A detail's reference to what it is created with."""
        return bool(self.place) and property_.name.endswith("Id")

    def _unknown(self, name: str) -> None:
        names = {each.name.lower(): each.name for each in self.entity.properties}
        near = difflib.get_close_matches(name[:80].lower(), names, 1)
        hint = f"; did you mean {names[near[0]]}?" if near else "."
        message = f"{self.entity.name} has no property {name[:80]}{hint}"
        self._problem("UnknownProperty", message, name[:80])

    def _problem(self, code: str, message: str, target: str | None) -> None:
        self.problems.append(Detail(code, message, f"{self.place}{target}"))
