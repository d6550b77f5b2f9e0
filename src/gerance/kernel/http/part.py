"""A part of the OpenAPI document that does not come from the table of endpoints."""

from collections.abc import Mapping
from typing import Any

import msgspec


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """`introduction`: Markdown for the document's description; `tags`: names with what they mean;
    `paths`: path to its operations by method; `schemas`, `parameters`, `responses`, `security`:
    components by name."""

    introduction: str = ""
    tags: Mapping[str, str] = {}
    paths: Mapping[str, Mapping[str, Any]] = {}
    schemas: Mapping[str, Any] = {}
    parameters: Mapping[str, Any] = {}
    responses: Mapping[str, Any] = {}
    security: Mapping[str, Any] = {}
