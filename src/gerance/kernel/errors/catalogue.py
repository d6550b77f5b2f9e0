"""The catalogue of error codes: status, APIs, English and French texts, as data.

The `.toml` files in `texts/` are the only place for them: one file per family, for writers and
translators. Everything that clients read about errors is generated from the catalogue.
"""

import re
import tomllib
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Literal

import msgspec

Language = Literal["fr", "en"]
Api = Literal["any", "incidents", "rentals", "partners", "console", "mail", "command line"]
"""Who may answer with a code; `any`: each of the three published APIs and the console."""

_FILES = (
    "requests",
    "server",
    "tickets",
    "companies",
    "patrimonies",
    "lots",
    "providers",
    "users",
    "webhooks",
    "queries",
    "writes",
    "rules",
    "partners",
    "proposals",
    "commands",
)
"""The families, in the order of the reference page."""
_DEFAULTS = ("status", "apis", "topics", "since")
_PATHS: tuple[tuple[re.Pattern[str], Api], ...] = (
    (re.compile(r"/api/(v\d+|vevent)(/|$)", re.IGNORECASE), "incidents"),
    (re.compile(r"/api(/|$)", re.IGNORECASE), "rentals"),
    (re.compile(r"/(v1|users)(/|$)", re.IGNORECASE), "partners"),
    (re.compile(r"/console(/|$)", re.IGNORECASE), "console"),
)


class Wording(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong in one case, with placeholders such as `{client_id}`, the same ones in both."""

    english: str
    french: str

    def filled(self, language: Language, values: Mapping[str, object]) -> str:
        """The text with its values; a mapping has one value for each language. Raises KeyError for
        a placeholder without a value."""
        texts = {
            name: value[language] if isinstance(value, Mapping) else value
            for name, value in values.items()
        }
        return (self.french if language == "fr" else self.english).format_map(texts)


class ErrorCode(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of the catalogue.

    `status`: the HTTP statuses that it is answered with, the usual one first; empty for codes of
    the command line. `english`, `french`: what is wrong; `english_remedy`, `french_remedy`: what to
    do. `cases`: texts of answers that name values, by the name of the case; what to do is added.
    `generic`: one code for many causes, so that each answer has a message of its own.
    `topics`: the operations that answer with it: families of event errors, tags of the OpenAPI
    document, `queries` and `writes` of OData; empty for each operation of its APIs.
    `not_raised`: why this release never answers with a published code. `since`: the first version.
    """

    code: str
    status: tuple[int, ...]
    apis: tuple[Api, ...]
    since: str
    english: str
    english_remedy: str
    french: str
    french_remedy: str
    cases: Mapping[str, Wording] = {}
    topics: tuple[str, ...] = ()
    generic: bool = False
    not_raised: str | None = None

    def text(self, language: Language) -> str:
        """What is wrong and what to do."""
        if language == "fr":
            return f"{self.french} {self.french_remedy}"
        return f"{self.english} {self.english_remedy}"

    def explained(self, message: str, language: Language = "en") -> str:
        """A message that names what is wrong in one case, followed by what to do. A code with many
        causes has no remedy of its own, and a path at the end says where to look."""
        remedy = self.french_remedy if language == "fr" else self.english_remedy
        if self.generic or not message.endswith(".") or message.endswith(remedy):
            return message
        return f"{message} {remedy}"


class Family(msgspec.Struct, frozen=True, kw_only=True):
    """The codes of one file. `introduction`: Markdown for the reference page."""

    name: str
    title: str
    codes: tuple[ErrorCode, ...]
    introduction: str = ""


def load(name: str) -> Family:
    """The family in the file `texts/{name}.toml`. Raises msgspec.ValidationError with the place of
    what is wrong. An entry has the `status`, `apis`, `topics` and `since` of its file unless it has
    its own.
    """
    path = Path(__file__).parent / "texts" / f"{name}.toml"
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    defaults = {key: content[key] for key in _DEFAULTS if key in content}
    codes = [{"code": code} | defaults | entry for code, entry in content["codes"].items()]
    family = {"title": content["title"], "introduction": content.get("introduction", "")}
    return msgspec.convert(family | {"name": name, "codes": codes}, Family)


FAMILIES: tuple[Family, ...] = tuple(load(name) for name in _FILES)
CATALOGUE: Mapping[str, ErrorCode] = {
    entry.code: entry for family in FAMILIES for entry in family.codes
}


def api_of(path: str) -> Api:
    """The API that a path belongs to; `any` for those of the server itself."""
    return next((api for pattern, api in _PATHS if pattern.match(path)), "any")


def codes_of(api: Api, status: int, topics: AbstractSet[str]) -> list[ErrorCode]:
    """The codes that an operation of an API may answer with this status, those of its topics
    first; without the codes that this release never raises."""
    own, common = [], []
    for entry in CATALOGUE.values():
        if status not in entry.status or entry.not_raised or not {api, "any"} & {*entry.apis}:
            continue
        if not entry.topics:
            common.append(entry)
        elif not topics.isdisjoint(entry.topics):
            own.append(entry)
    return own + common
