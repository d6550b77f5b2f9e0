"""What an integrator is limited to, checked where an operator says it."""

import re
from collections.abc import Collection, Iterable, Mapping
from difflib import get_close_matches

import msgspec

from gerance.kernel.errors import Rejection

_PLACE = re.compile(r"(\d{1,9})(?:-(\d{1,9}))?", re.ASCII)


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """The rights to give. `sets`, `places`: as an Integrator has them, None for all.

    Raises Rejection: incidents or partners for one that sees some places only.
    """

    read_only: bool = False
    incidents: bool = False
    partners: bool = False
    sets: tuple[str, ...] | None = None
    places: tuple[Mapping[str, int], ...] | None = None

    def __post_init__(self) -> None:
        if self.incidents and self.places is not None:
            raise Rejection(
                "ScopeRefused",
                "An integrator that is limited to places cannot have the right to incidents,"
                " which belong to no company and division.",
            )
        if self.partners and self.places is not None:
            raise Rejection(
                "ScopeRefused",
                "An integrator that is limited to places cannot have the right to partners,"
                " whose customers belong to no company and division.",
            )


def checked_scope(
    *,
    sets: Iterable[str],
    places: Iterable[str],
    known_sets: Collection[str],
    incident_sets: Collection[str],
    partner_sets: Collection[str] = (),
    read_only: bool = False,
    incidents: bool = False,
    partners: bool = False,
) -> Scope:
    """The rights that these words ask for; no set and no place mean all of them.

    `sets`: names of `known_sets`, in any case; `places`: "3" for a company, "3-1" for one of its
    divisions. Raises Rejection, naming what is wrong: an unknown set, a place that is none,
    incidents or partners for one that sees some places only, a set of either side without its
    right.
    """
    set_names = tuple(dict.fromkeys(_set_name(name, known_sets) for name in sets))
    visible_places = tuple(_place(text) for text in places)
    if unreadable := [name for name in set_names if name in incident_sets and not incidents]:
        raise Rejection("ScopeRefused", f"{', '.join(unreadable)}: needs the right to incidents.")
    if unreadable := [name for name in set_names if name in partner_sets and not partners]:
        raise Rejection("ScopeRefused", f"{', '.join(unreadable)}: needs the right to partners.")
    return Scope(
        read_only=read_only,
        incidents=incidents,
        partners=partners,
        sets=set_names or None,
        places=visible_places or None,
    )


def place_text(place: Mapping[str, int]) -> str:
    """A place as operators write it: "3", "3-1"."""
    division = place.get("division_no")
    return f"{place['company_no']}" + ("" if division is None else f"-{division}")


def _set_name(name: str, names: Collection[str]) -> str:
    spelling = {each.lower(): each for each in names}
    if spelled := spelling.get(name.lower()):
        return spelled
    near = get_close_matches(name.lower(), spelling, n=3)
    hint = f"did you mean {', '.join(spelling[each] for each in near)}?"
    if not near:
        hint = f"the sets are {', '.join(sorted(names))}."
    raise Rejection("UnknownSet", f"There is no entity set {name}; {hint}")


def _place(text: str) -> dict[str, int]:
    parts = _PLACE.fullmatch(text.strip())
    if parts is None:
        raise Rejection(
            "PlaceRefused",
            f"{text!r} is not a company like 3, or a company and a division like 3-1.",
        )
    company, division = parts.groups()
    return {"company_no": int(company)} | (
        {} if division is None else {"division_no": int(division)}
    )
