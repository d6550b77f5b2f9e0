"""Builds the demo's users of every kind."""

from random import Random

from gerance.demo.world_companies import Companies, a_person
from gerance.demo.world_identifiers import PhoneBook, uid_of
from gerance.demo.world_records import Account, PatrimonyRecord, UserKind

MAIL_DOMAIN = "demo.gerance.example"
# One documented pass phrase for each kind of account: demo data, never a secret.
PASSPHRASES: dict[UserKind, str] = {
    "superUser": "demo-super-2026",
    "callCenterUser": "demo-centre-2026",
    "clientAccountManager": "demo-gestion-2026",
    "executive": "demo-agence-2026",
    "patrimonyManager": "demo-patrimoine-2026",
    "patrimonyUser": "demo-occupant-2026",
}
# The integrator of the rental API, with all rights: demo data as well.
INTEGRATOR: dict[str, str] = {
    "apiKey": "gk_demo-integrateur-2026",
    "userName": "integrateur",
    "password": "demo-integrateur-2026",
}
_JOBS: dict[UserKind, str] = {
    "superUser": "Administration de la plateforme",
    "callCenterUser": "Responsable de plateau",
    "clientAccountManager": "Responsable de la gestion",
    "executive": "Responsable d'agence",
    "patrimonyManager": "Gestionnaire de copropriété",
    "patrimonyUser": "Occupant",
}


def build_accounts(
    seed: int,
    rng: Random,
    phones: PhoneBook,
    companies: Companies,
    patrimonies: tuple[PatrimonyRecord, ...],
) -> tuple[Account, ...]:
    """The users, the first of each kind being the one that the demo prints."""

    def account(
        kind: UserKind,
        name: str,
        company_uid: str | None,
        agency_uids: tuple[str, ...] = (),
        patrimony_uids: tuple[str, ...] = (),
    ) -> Account:
        return Account(
            uid=uid_of(seed, "user", name),
            kind=kind,
            login=f"{name}@{MAIL_DOMAIN}",
            password=PASSPHRASES[kind],
            person=a_person(rng),
            job=_JOBS[kind],
            phone=phones.landline(1),
            company_uid=company_uid,
            agency_uids=agency_uids,
            patrimony_uids=patrimony_uids,
            by_command=kind not in {"superUser", "callCenterUser"},
        )

    first_centre, second_centre = companies.call_centres
    saulnier, rhone, _, erdre, fleuves = companies.companies
    agencies = {agency.ext_name: agency.uid for agency in companies.agencies}

    def buildings(agency_name: str, number: int) -> tuple[str, ...]:
        agency_uid = agencies[agency_name]
        return tuple(p.uid for p in patrimonies if p.agency_uids[0] == agency_uid)[:number]

    reference_agencies = (agencies["PAR-1"], agencies["PAR-2"])
    return (
        account("superUser", "super", None),
        account("callCenterUser", "centre", first_centre.uid),
        account("callCenterUser", "centre.ouest", second_centre.uid),
        account("clientAccountManager", "gestion", saulnier.uid),
        account("clientAccountManager", "gestion.habitalis", companies.holding.uid),
        account("executive", "agence", saulnier.uid, reference_agencies),
        account("executive", "agence.lyon", rhone.uid, (agencies["LYO-1"],)),
        account("executive", "agence.nantes", erdre.uid, (agencies["NAN-1"],)),
        account("patrimonyManager", "immeuble", saulnier.uid, (), buildings("PAR-1", 6)),
        account("patrimonyManager", "immeuble.bordeaux", fleuves.uid, (), buildings("BOR-1", 5)),
        account("patrimonyUser", "occupant", saulnier.uid, (), buildings("PAR-1", 1)),
        account("patrimonyUser", "occupant.lyon", rhone.uid, (), buildings("LYO-1", 1)),
        account("patrimonyUser", "occupant.rennes", erdre.uid, (), buildings("REN-1", 2)),
    )
