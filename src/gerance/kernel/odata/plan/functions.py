"""The functions of the standard: what they take and what they give."""

from dataclasses import dataclass

from gerance.kernel.odata.edm import Edm

NUMBERS = frozenset({Edm.INT32, Edm.INT64, Edm.DECIMAL, Edm.DOUBLE})
_TEXT = frozenset({Edm.STRING})
_DAY = frozenset({Edm.DATE, Edm.DATE_TIME_OFFSET})
_CLOCK = frozenset({Edm.TIME_OF_DAY, Edm.DATE_TIME_OFFSET})
_MOMENT = frozenset({Edm.DATE_TIME_OFFSET})
_INT = frozenset({Edm.INT32, Edm.INT64})


@dataclass(frozen=True, slots=True)
class Signature:
    """`takes`: the types that each argument may have; `gives`: the result's type, None for that of
    the first argument; `optional`: how many arguments at the end may be left out."""

    takes: tuple[frozenset[Edm], ...]
    gives: Edm | None
    optional: int = 0


FUNCTIONS: dict[str, Signature] = {
    "contains": Signature((_TEXT, _TEXT), Edm.BOOLEAN),
    "startswith": Signature((_TEXT, _TEXT), Edm.BOOLEAN),
    "endswith": Signature((_TEXT, _TEXT), Edm.BOOLEAN),
    "matchespattern": Signature((_TEXT, _TEXT), Edm.BOOLEAN),
    "indexof": Signature((_TEXT, _TEXT), Edm.INT32),
    "length": Signature((_TEXT,), Edm.INT32),
    "substring": Signature((_TEXT, _INT, _INT), Edm.STRING, optional=1),
    "concat": Signature((_TEXT, _TEXT), Edm.STRING),
    "tolower": Signature((_TEXT,), Edm.STRING),
    "toupper": Signature((_TEXT,), Edm.STRING),
    "trim": Signature((_TEXT,), Edm.STRING),
    "year": Signature((_DAY,), Edm.INT32),
    "month": Signature((_DAY,), Edm.INT32),
    "day": Signature((_DAY,), Edm.INT32),
    "hour": Signature((_CLOCK,), Edm.INT32),
    "minute": Signature((_CLOCK,), Edm.INT32),
    "second": Signature((_CLOCK,), Edm.INT32),
    "fractionalseconds": Signature((_CLOCK,), Edm.DECIMAL),
    "date": Signature((_MOMENT,), Edm.DATE),
    "time": Signature((_MOMENT,), Edm.TIME_OF_DAY),
    "totaloffsetminutes": Signature((_MOMENT,), Edm.INT32),
    "totalseconds": Signature((frozenset({Edm.DURATION}),), Edm.DECIMAL),
    "now": Signature((), Edm.DATE_TIME_OFFSET),
    "mindatetime": Signature((), Edm.DATE_TIME_OFFSET),
    "maxdatetime": Signature((), Edm.DATE_TIME_OFFSET),
    "round": Signature((NUMBERS,), None),
    "floor": Signature((NUMBERS,), None),
    "ceiling": Signature((NUMBERS,), None),
}
"""By their names in small letters; `cast` and `isof` are planned by themselves."""

ABSENT = frozenset(
    {
        "case",
        "hassubset",
        "hassubsequence",
        "geo.distance",
        "geo.intersects",
        "geo.length",
    }
)
"""Functions of the standard that this engine does not have."""

_CALCULABLE = NUMBERS | {Edm.DATE, Edm.DATE_TIME_OFFSET, Edm.DURATION}
_WIDENING = (Edm.INT32, Edm.INT64, Edm.DECIMAL, Edm.DOUBLE)
_SHIFTED = {
    ("add", Edm.DATE_TIME_OFFSET, Edm.DURATION): Edm.DATE_TIME_OFFSET,
    ("sub", Edm.DATE_TIME_OFFSET, Edm.DURATION): Edm.DATE_TIME_OFFSET,
    ("sub", Edm.DATE_TIME_OFFSET, Edm.DATE_TIME_OFFSET): Edm.DURATION,
    ("add", Edm.DATE, Edm.DURATION): Edm.DATE,
    ("sub", Edm.DATE, Edm.DURATION): Edm.DATE,
    ("sub", Edm.DATE, Edm.DATE): Edm.DURATION,
    ("add", Edm.DURATION, Edm.DURATION): Edm.DURATION,
    ("sub", Edm.DURATION, Edm.DURATION): Edm.DURATION,
}


def arithmetic_type(operator: str, left: Edm | None, right: Edm | None) -> Edm | None:
    """The type of `left operator right`; None when there is no such arithmetic."""
    if left in NUMBERS and right in NUMBERS:
        widest = max(_WIDENING.index(left), _WIDENING.index(right))
        wide = _WIDENING[widest]
        return Edm.DECIMAL if operator == "divby" and wide in _INT else wide
    if left is None or right is None:
        return None
    times = operator == "mul" or (operator in ("div", "divby") and left is Edm.DURATION)
    if times and (left in NUMBERS or right in NUMBERS):
        return Edm.DURATION if Edm.DURATION in (left, right) else None
    return _SHIFTED.get((operator, left, right))


def calculable(operator: str, left: Edm | None, right: Edm | None) -> bool:
    """Whether `left operator right` may be arithmetic when one of them is null."""
    allowed = _CALCULABLE if operator in ("add", "sub", "mul", "div", "divby") else NUMBERS
    return all(each is None or each in allowed for each in (left, right))


def comparable(left: Edm | None, right: Edm | None) -> bool:
    """Whether values of these types can be compared."""
    if left is None or right is None or left is right:
        return True
    return (left in NUMBERS and right in NUMBERS) or (left in _DAY and right in _DAY)


CASTS = frozenset(
    [(one, Edm.STRING) for one in Edm if one is not Edm.DURATION]
    + [(one, other) for one in NUMBERS for other in NUMBERS]
    + [(Edm.STRING, other) for other in (*NUMBERS, Edm.GUID, Edm.BOOLEAN)]
    + [(Edm.STRING, other) for other in (Edm.DATE, Edm.DATE_TIME_OFFSET, Edm.TIME_OF_DAY)]
    + [(Edm.DATE, Edm.DATE_TIME_OFFSET), (Edm.DATE_TIME_OFFSET, Edm.DATE)]
    + [(Edm.DATE_TIME_OFFSET, Edm.TIME_OF_DAY)]
)
"""The pairs of types between which `cast` converts."""
