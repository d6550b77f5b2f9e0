"""How entities are written."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Style:
    """`root`: the service's URL with a slash at its end; `exact_numbers`: Int64 and Decimal as
    texts (IEEE754Compatible); `references`: only the addresses of entities; `release`: of the
    standard, whose context URLs the answer has."""

    metadata: Literal["none", "minimal", "full", "references"] = "minimal"
    exact_numbers: bool = False
    root: str = "/"
    namespace: str = ""
    release: str = "4.0"
