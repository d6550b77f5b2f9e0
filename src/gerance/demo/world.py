"""The world in which the demonstration's tickets happen. It is the same for a seed.

`build_world()` gives the records, the accounts and the ordered commands that set them up. It
does no I/O: send `World.steps`, or write their events.
"""

from dataclasses import dataclass
from random import Random

from gerance.demo.world_accounts import build_accounts
from gerance.demo.world_companies import Companies, build_companies
from gerance.demo.world_identifiers import PhoneBook
from gerance.demo.world_lots import build_lots
from gerance.demo.world_patrimonies import build_contacts, build_patrimonies
from gerance.demo.world_records import (
    Account,
    LotRecord,
    PatrimonyContactRecord,
    PatrimonyRecord,
    SetUpStep,
)
from gerance.demo.world_steps import set_up_steps

PRINTED_KINDS = ("superUser", "callCenterUser", "clientAccountManager", "executive")


@dataclass(frozen=True, eq=False, slots=True)
class World:
    """Records and set-up commands of one demo.

    `users`: every account with its pass phrase, those that no command creates included.
    `accounts`: kind to `{"login", "password"}`, for the first of each kind the demo prints.
    `steps`: the commands, each after those it refers to.
    `sample`: uids for a first try: `patrimonyUid`, `lotUid`, `agencyUid`, `operatorUid`,
    `providerContactUid`, `companyUid`, `callCenterUid`.
    """

    seed: int
    companies: Companies
    patrimonies: tuple[PatrimonyRecord, ...]
    lots: tuple[LotRecord, ...]
    patrimony_contacts: tuple[PatrimonyContactRecord, ...]
    users: tuple[Account, ...]
    accounts: dict[str, dict[str, str]]
    steps: tuple[SetUpStep, ...]
    sample: dict[str, str]


def build_world(seed: int = 2026) -> World:
    """The world of `seed`; the uids the published reference prints are in every one."""
    rng = Random(seed)
    phones = PhoneBook()
    companies = build_companies(seed, rng, phones)
    patrimonies = build_patrimonies(seed, rng, phones, companies.agencies)
    lots = build_lots(seed, patrimonies)
    contacts = build_contacts(seed, rng, phones, patrimonies)
    users = build_accounts(seed, rng, phones, companies, patrimonies)
    first_accounts: dict[str, dict[str, str]] = {}
    for user in users:
        if user.kind in PRINTED_KINDS:
            first_accounts.setdefault(user.kind, {"login": user.login, "password": user.password})
    first = patrimonies[0]
    return World(
        seed=seed,
        companies=companies,
        patrimonies=patrimonies,
        lots=lots,
        patrimony_contacts=contacts,
        users=users,
        accounts=first_accounts,
        steps=tuple(set_up_steps(seed, companies, patrimonies, lots, contacts, users)),
        sample={
            "patrimonyUid": first.uid,
            "lotUid": lots[0].uid,
            "agencyUid": first.agency_uids[0],
            "operatorUid": companies.operators[0].uid,
            "providerContactUid": companies.provider_contacts[0].uid,
            "companyUid": first.company_uid,
            "callCenterUid": companies.call_centres[0].uid,
        },
    )
