"""The wire forms of everybody a ticket may name, made once for a world.

Building a million journals must not build a million addresses: commands share these dicts, so
code that receives a command must not change it.
"""

from dataclasses import dataclass
from functools import lru_cache
from random import Random

from gerance.demo.corpus import PURPOSES
from gerance.demo.corpus_journal import NIGHT_DESKS
from gerance.demo.corpus_trades import TRADES
from gerance.demo.lives_roles import (
    CallerRole,
    ProviderRole,
    building_address,
    contact_roles,
    independent_role,
    persona,
    phone_medium,
    resident_role,
    spoken_name,
)
from gerance.demo.world import World
from gerance.demo.world_identifiers import PhoneBook, uid_of
from gerance.demo.world_records import Account, CompanyRecord, PatrimonyRecord, Wire


@dataclass(frozen=True, slots=True)
class Desk:
    """Who works for one client account: operators (None: the command names none) and providers."""

    operators: tuple[Wire | None, ...]
    named_operators: tuple[Wire, ...]
    providers: dict[str, tuple[ProviderRole, ...]]
    actor: str
    claim_prefix: str


@dataclass(frozen=True, slots=True)
class Site:
    """A place tickets are opened for. `siblings` are places of the same agency (indexes)."""

    location: Wire
    address: Wire
    callers: tuple[CallerRole, ...]
    automaton: CallerRole
    caretaker: CallerRole | None
    desk: Desk
    siblings: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Cast:
    sites: tuple[Site, ...]
    agency_sites: tuple[Site, ...]
    purpose_uids: dict[str, str]


@lru_cache(maxsize=4)
def cast_of(world: World) -> Cast:
    """The cast of `world`, made once: the world is immutable and compared by identity."""
    rng = Random(world.seed)
    phones = PhoneBook(first=5000)
    independents: dict[str, tuple[ProviderRole, ...]] = {
        trade: tuple(independent_role(name, phones.mobile()) for name in texts.independents)
        for trade, texts in TRADES.items()
    }
    desks = {
        company.uid: _desk(world, company, independents) for company in world.companies.companies
    }
    by_agency: dict[str, list[int]] = {}
    for index, patrimony in enumerate(world.patrimonies):
        by_agency.setdefault(patrimony.agency_uids[0], []).append(index)
    sites = tuple(
        _site(world, rng, patrimony, desks, tuple(by_agency[patrimony.agency_uids[0]]))
        for patrimony in world.patrimonies
    )
    agency_sites: list[Site] = []
    for agency in world.companies.agencies:
        model = sites[by_agency[agency.uid][-1]]
        agency_sites.append(
            Site(
                location={"agencyUid": agency.uid, "locationReferenceType": "AgencyLocation"},
                address=model.address,
                callers=model.callers,
                automaton=model.automaton,
                caretaker=None,
                desk=model.desk,
                siblings=model.siblings,
            )
        )
    return Cast(
        sites=sites,
        agency_sites=tuple(agency_sites),
        purpose_uids={p.label: uid_of(world.seed, "purpose", p.label) for p in PURPOSES},
    )


def _site(
    world: World,
    rng: Random,
    patrimony: PatrimonyRecord,
    desks: dict[str, Desk],
    siblings: tuple[int, ...],
) -> Site:
    address = building_address(patrimony.address)
    callers = [resident_role(rng, resident, patrimony.address) for resident in patrimony.residents]
    caretaker: CallerRole | None = None
    for contact in world.patrimony_contacts:
        if contact.patrimony_uid == patrimony.uid:
            name = spoken_name(contact.person)
            is_caretaker = contact.position is None
            role = CallerRole(
                caller={"uid": contact.uid, "callerType": "ReferencedContactCaller"},
                name=name,
                persona=persona(name, "Gardien" if is_caretaker else "Copropriétaire"),
                medium=phone_medium(contact.phone),
                address=address,
            )
            if is_caretaker:
                caretaker = role
            callers.append(role)
    caller = caretaker or callers[0]
    automaton = CallerRole("AutomatonCaller", caller.name, caller.persona, caller.medium, address)
    return Site(
        location={"patrimonyUid": patrimony.uid, "locationReferenceType": "PatrimonyLocation"},
        address=address,
        callers=tuple(callers),
        automaton=automaton,
        caretaker=caretaker,
        desk=desks[patrimony.company_uid],
        siblings=siblings,
    )


def _desk(
    world: World, company: CompanyRecord, independents: dict[str, tuple[ProviderRole, ...]]
) -> Desk:
    operators = [
        {"operatorUid": operator.uid, "operatorType": "ReferencedOperator"}
        for operator in world.companies.operators
        if operator.call_centre_uid == company.call_centre_uid
    ]
    centre_user = _user(world, "callCenterUser", company.call_centre_uid)
    users = [centre_user]
    users += [
        user
        for user in world.users
        if user.kind == "clientAccountManager"
        and user.company_uid in {company.uid, company.holding_uid}
    ]
    people: list[Wire] = operators * 8
    people += [{"userUid": user.uid, "operatorType": "ReferencedUser"} for user in users]
    people += [{"name": name, "operatorType": "AnonymousOperator"} for name in NIGHT_DESKS]
    providers: dict[str, tuple[ProviderRole, ...]] = {}
    for trade in TRADES:
        roles = [
            contact_roles(contact)
            for contact in world.companies.provider_contacts
            if contact.company_uid == company.uid and trade in contact.trades
        ]
        # The contacts the account knows, then lone craftsmen, and companies last.
        providers[trade] = (
            *(role[0] for role in roles),
            *independents[trade],
            *(by_company for role in roles for by_company in role[1:]),
        )
    return Desk(
        operators=(*people, *[None] * (len(people) // 9)),
        named_operators=tuple(people),
        providers=providers,
        actor=centre_user.login,
        claim_prefix="".join(word[0] for word in company.name.split() if word[0].isupper()),
    )


def _user(world: World, kind: str, company_uid: str) -> Account:
    return next(u for u in world.users if u.kind == kind and u.company_uid == company_uid)
