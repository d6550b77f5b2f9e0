"""What form of answer a request wants: `$format`, Accept, Prefer, OData-MaxVersion."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from gerance.kernel.accept import accepted_values
from gerance.kernel.odata.errors import ODataRefused

Metadata = Literal["none", "minimal", "full"]
_LEVELS: dict[str, Metadata] = {"none": "none", "minimal": "minimal", "full": "full"}
_PAGE = re.compile(r"(?:odata\.)?maxpagesize\s*=\s*\"?(\d{1,9})\"?", re.IGNORECASE)
_TRACK = re.compile(r"(?:^|[,;\s])(?:odata\.)?track-changes\s*(?=$|[,;=])", re.IGNORECASE)
_VERSION = re.compile(r"\s*(\d{1,3})\.(\d{1,3})\s*(?:;.*)?")
_JSON = ("application/json", "application/*", "*/*", "text/json")
_XML = ("application/xml", "application/*", "*/*", "text/xml")


@dataclass(frozen=True)
class Form:
    """`page`: rows of a page as the client prefers, None when it does not say; `version`: of the
    protocol, as the answer says it; `track`: it wants to be told later what has changed;
    `first_release`: it says that it does not understand more than OData 4.0."""

    metadata: Metadata
    exact_numbers: bool
    page: int | None
    version: str
    track: bool = False
    first_release: bool = False

    @property
    def content_type(self) -> str:
        exact = ";IEEE754Compatible=true" if self.exact_numbers else ""
        return f"application/json;odata.metadata={self.metadata}{exact};charset=utf-8"


def negotiate(headers: Mapping[str, str], format_option: str | None) -> Form:
    """The form of a JSON answer. `headers`: names in small letters.

    Raises ODataRefused: 406 when it wants no JSON, 400 for a version or preference that is none.
    """
    wanted = format_option if format_option is not None else headers.get("accept", "")
    parameters = _json_parameters(wanted)
    if parameters is None:
        raise ODataRefused("NotAcceptable", f"Answers are JSON; this asks for {wanted[:80]!r}.")
    level = parameters.get("odata.metadata", parameters.get("metadata", "minimal"))
    if level not in _LEVELS:
        raise ODataRefused(
            "NotAcceptable", f"odata.metadata is none, minimal or full, not {level!r}."
        )
    exact = parameters.get("ieee754compatible", "false") == "true"
    prefer, version = headers.get("prefer", ""), protocol(headers)
    return Form(
        _LEVELS[level],
        exact,
        _page(prefer),
        version,
        track=_TRACK.search(prefer) is not None,
        first_release=version == "4.0" and "odata-maxversion" in headers,
    )


def protocol(headers: Mapping[str, str]) -> str:
    """4.01 for clients that know it, else 4.0. Raises ODataRefused for older ones."""
    most = headers.get("odata-maxversion")
    if most is None:
        return "4.0"
    match = _VERSION.fullmatch(most)
    if match is None or int(match[1]) < 4:
        raise ODataRefused(
            "UnsupportedVersion", f"OData-MaxVersion: this is OData 4, not {most[:20]!r}."
        )
    return "4.0" if (int(match[1]), int(match[2])) == (4, 0) else "4.01"


def accepts_xml(headers: Mapping[str, str], format_option: str | None) -> bool:
    """Whether `$metadata` may be answered in XML."""
    wanted = (format_option if format_option is not None else headers.get("accept", "")).lower()
    kinds = [value.name for value in accepted_values(wanted)]
    return not wanted or any(kind in _XML or kind == "xml" for kind in kinds)


def _json_parameters(wanted: str) -> Mapping[str, str] | None:
    """The parameters of the first kind of JSON in the list; None when there is none."""
    if not wanted.strip():
        return {}
    for value in accepted_values(wanted):
        if value.name in _JSON or value.name == "json":
            return value.parameters
    return None


def _page(prefer: str) -> int | None:
    match = _PAGE.search(prefer)
    if match is None:
        return None
    if int(match[1]) == 0:
        raise ODataRefused("InvalidPreference", "Prefer: odata.maxpagesize is at least 1.")
    return int(match[1])
