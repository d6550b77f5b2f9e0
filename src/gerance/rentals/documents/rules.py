"""The rules of documents: whose they are; without content they are empty until it is put."""

from collections.abc import Mapping
from typing import Any

from gerance.rentals.declare.rules import Candidate, Rules, Slice
from gerance.rentals.documents.entity import DOCUMENT, TYPES
from gerance.rentals.leasing.rules import TENANT_OF


def _complete(candidate: Candidate) -> Mapping[str, Any]:
    if candidate.before is not None or candidate.row.get("content") is not None:
        return {}
    return {"content": b"", "content_type": "application/octet-stream"}


SLICE = Slice(
    TYPES,
    (Rules(entity=DOCUMENT, references=(TENANT_OF,), fixed=("tenant_id",), complete=_complete),),
)
