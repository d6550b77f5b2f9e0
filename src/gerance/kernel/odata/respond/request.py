"""A read: its query, its principal, and the format of its answer, as the headers ask for it.

The format follows from `$format`, Accept, Prefer and OData-MaxVersion.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from starlette.requests import Request

from gerance.kernel.accept import accepted_values, media_quality
from gerance.kernel.db import Pool
from gerance.kernel.odata.access import Access
from gerance.kernel.odata.compiler import CompiledQuery, QueryKey
from gerance.kernel.odata.deltatoken import DeltaLinks
from gerance.kernel.odata.errors import ODataRejection
from gerance.kernel.odata.signing import TokenSigner
from gerance.kernel.odata.sql.style import Style
from gerance.kernel.odata.versions import SetVersions

Metadata = Literal["none", "minimal", "full"]
_LEVELS: dict[str, Metadata] = {"none": "none", "minimal": "minimal", "full": "full"}
_PAGE = re.compile(r"(?:odata\.)?maxpagesize\s*=\s*\"?(\d{1,9})\"?", re.IGNORECASE)
_TRACK = re.compile(r"(?:^|[,;\s])(?:odata\.)?track-changes\s*(?=$|[,;=])", re.IGNORECASE)
_VERSION = re.compile(r"\s*(\d{1,3})\.(\d{1,3})\s*(?:;.*)?")
_JSON = ("application/json", "text/json", "json")
TEXT = "text/plain"
"""The media type of counts and of the raw values of properties."""
_ANY_JSON = ("application/*", "*/*")
_XML = ("application/xml", "application/*", "*/*", "text/xml")


@dataclass(frozen=True)
class ResponseFormat:
    """`page`: the rows of a page that the client prefers, None for no preference; `version`: of the
    protocol, in the answer; `track`: the client prefers a delta link; `first_release`: the client
    understands OData 4.0 only."""

    metadata: Metadata
    exact_numbers: bool
    page: int | None
    version: str
    track: bool = False
    first_release: bool = False

    def style(self, root: str, namespace: str) -> Style:
        """How the entities of the answer are written. `root`: the URL of the service."""
        return Style(self.metadata, self.exact_numbers, root, namespace, self.version)

    @property
    def content_type(self) -> str:
        exact = ";IEEE754Compatible=true" if self.exact_numbers else ""
        return f"application/json;odata.metadata={self.metadata}{exact};charset=utf-8"


@dataclass(frozen=True)
class ODataCaller:
    """The principal of a request: its rights, and the versions of the sets, read after the request
    arrived.

    `actor`: the uid under which it writes, None for a read-only key.
    """

    access: Access
    versions: SetVersions
    actor: str | None = None


class ReadLimits(NamedTuple):
    """`seconds`: until the first row of an answer, None for no limit; `answer_bytes`: the size of
    the longest answer."""

    seconds: float | None
    answer_bytes: int


@dataclass(frozen=True)
class ReadRequest:
    """A read whose query is compiled.

    `tag`: identifies the answer, see `respond.cache`; None for an answer that changes by itself.
    `cacheable`: the answer may come from the cache, and be stored in it. `delta`: the delta links
    of the answer.
    """

    http: Request
    headers: Mapping[str, str]
    format: ResponseFormat
    key: QueryKey
    query: CompiledQuery
    signer: TokenSigner
    tag: str | None
    cacheable: bool
    delta: DeltaLinks | None = None

    @property
    def pool(self) -> Pool:
        pool: Pool = self.http.app.state.pool
        return pool

    def response_headers(
        self, etag: str | None = None, media_type: str | None = None
    ) -> dict[str, str]:
        """The headers of the answer. `etag`: of an entity; a collection has that of the read."""
        if etag is None and self.tag is not None:
            etag = f'W/"{self.tag}"'
        headers = {
            "Content-Type": media_type or self.format.content_type,
            "Cache-Control": "no-store" if self.delta else "private, no-cache",
            "Vary": "Accept, Authorization, Prefer",
        }
        self.add_preferences(headers)
        if etag is not None:
            headers["ETag"] = etag
        return headers

    def add_preferences(self, headers: dict[str, str]) -> None:
        """Add the headers that differ between requests for the same cached answer."""
        headers["OData-Version"] = self.format.version
        preferences = ["odata.track-changes"] if self.delta and self.format.track else []
        if self.format.page is not None:
            preferences.append(f"odata.maxpagesize={self.key.page}")
        if preferences:
            headers["Preference-Applied"] = ", ".join(preferences)


def negotiate(
    headers: Mapping[str, str], format_option: str | None, *, raw: bool = False
) -> ResponseFormat:
    """The format of an answer. `headers`: names in small letters; `raw`: it is a number or a value
    that is not JSON (see `require_accepted`).

    Raises ODataRejection: 406 when the client does not accept JSON, 400 for a bad version or
    preference.
    """
    media_types = format_option if format_option is not None else headers.get("accept", "")
    parameters = _json_parameters(media_types)
    if parameters is None:
        if not raw:
            raise ODataRejection(
                "NotAcceptable", f"The service answers in JSON, not in {media_types[:80]!r}."
            )
        parameters = {}
    level = parameters.get("odata.metadata", parameters.get("metadata", "minimal"))
    if level not in _LEVELS:
        raise ODataRejection(
            "NotAcceptable", f"odata.metadata must be none, minimal or full (got {level!r})."
        )
    exact = parameters.get("ieee754compatible", "false") == "true"
    prefer, version = headers.get("prefer", ""), protocol(headers)
    return ResponseFormat(
        _LEVELS[level],
        exact,
        _page(prefer),
        version,
        track=_TRACK.search(prefer) is not None,
        first_release=version == "4.0" and "odata-maxversion" in headers,
    )


def require_accepted(headers: Mapping[str, str], media_type: str) -> None:
    """Raises ODataRejection (406) when the client accepts neither the media type of a raw answer
    nor JSON, which many clients ask for in every request."""
    media_types = headers.get("accept", "")
    media_type = media_type.partition(";")[0].strip().lower()
    if _json_parameters(media_types) is None and not media_quality(media_types, media_type):
        raise ODataRejection(
            "NotAcceptable", f"The answer is {media_type[:80]}, not {media_types[:80]!r}."
        )


def protocol(headers: Mapping[str, str]) -> str:
    """4.01 for clients that support it, else 4.0. Raises ODataRejection for older ones."""
    most = headers.get("odata-maxversion")
    if most is None:
        return "4.0"
    match = _VERSION.fullmatch(most)
    if match is None or int(match[1]) < 4:
        raise ODataRejection(
            "UnsupportedVersion",
            f"OData-MaxVersion: the service speaks OData 4.0 and 4.01, not {most[:20]!r}.",
        )
    return "4.0" if (int(match[1]), int(match[2])) == (4, 0) else "4.01"


def accepts_xml(headers: Mapping[str, str], format_option: str | None) -> bool:
    """Whether `$metadata` may be answered in XML."""
    media_types = headers.get("accept", "") if format_option is None else format_option
    media_types = media_types.lower()
    kinds = [value.name for value in accepted_values(media_types)]
    return not media_types or any(kind in _XML or kind == "xml" for kind in kinds)


def _json_parameters(media_types: str) -> Mapping[str, str] | None:
    """The parameters of the kind of JSON that the client likes best; None when it accepts none."""
    if not media_types.strip():
        return {}
    values = accepted_values(media_types)
    json_values = [value for value in values if value.name in _JSON]
    json_values = json_values or [value for value in values if value.name in _ANY_JSON]
    best = max(json_values, key=lambda value: value.quality, default=None)
    return best.parameters if best is not None and best.quality > 0 else None


def _page(prefer: str) -> int | None:
    match = _PAGE.search(prefer)
    if match is None:
        return None
    if int(match[1]) == 0:
        raise ODataRejection("InvalidPreference", "Prefer: odata.maxpagesize must be at least 1.")
    return int(match[1])
