"""What an integrator may see, as the query engine needs to know it."""

import hashlib
from collections.abc import Iterable, Mapping

from gerance.kernel.identity.bearer import Integrator
from gerance.kernel.odata.access import EVERYTHING, Access
from gerance.kernel.odata.edm import EntityType
from gerance.kernel.wire import encode

Place = tuple[int, int | None]


def access_of(
    integrator: Integrator,
    types: Iterable[EntityType],
    modules: frozenset[str],
    incident_sets: frozenset[str],
    partner_sets: frozenset[str] = frozenset(),
) -> Access:
    """The rights of an integrator over entity sets of these types.

    `modules`: those that this installation has; `incident_sets`: names of the sets of the incident
    side, for integrators that have that right and all places; `partner_sets`: those of the partner
    side, likewise. The key of two is the same if and
    only if they see the same: writing is no part of it.
    """
    types = tuple(types)
    everything = frozenset(each.set_name for each in types)
    sets = everything if integrator.sets is None else everything & integrator.sets
    if not integrator.incidents or integrator.places is not None:
        sets -= incident_sets
    if not integrator.partners or integrator.places is not None:
        sets -= partner_sets
    missing = {
        each.set_name: _missing(each.set_name, each.module)
        for each in types
        if each.module is not None and each.module not in modules
    }
    visible_sets = sets - missing.keys()
    places = None if integrator.places is None else _widest(integrator.places)
    return Access(
        key=_key(None if visible_sets == everything else visible_sets, places, missing),
        sets=None if sets == everything else sets,
        missing=missing,
        places=None if places is None else tuple(map(_columns, places)),
        owner=integrator.uid,
    )


def _missing(set_name: str, module: str) -> str:
    return (
        f"{set_name} needs the module {module}, which this installation does not have;"
        " who runs it can say how to get it."
    )


def _widest(places: Iterable[Mapping[str, int]]) -> list[Place]:
    """The places in order, each once, without the divisions of companies that are there whole."""
    pairs = {(place["company_no"], place.get("division_no")) for place in places}
    companies = {company for company, division in pairs if division is None}
    divisions = [(company, division) for company, division in pairs if company not in companies]
    return [*((company, None) for company in sorted(companies)), *sorted(divisions)]


def _columns(place: Place) -> dict[str, int]:
    company, division = place
    return {"company_no": company} | ({} if division is None else {"division_no": division})


def _key(
    sets: frozenset[str] | None, places: list[Place] | None, missing: Mapping[str, str]
) -> str:
    if sets is None and places is None and not missing:
        return EVERYTHING.key
    rights = [None if sets is None else sorted(sets), places, sorted(missing)]
    return hashlib.sha256(encode(rights)).hexdigest()
