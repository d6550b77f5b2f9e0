"""Builds the buildings of the demo, who lives in them, and the contacts their managers know."""

import unicodedata
from random import Random

from gerance.demo.corpus_places import RESIDENCES
from gerance.demo.world_companies import a_person, an_address
from gerance.demo.world_identifiers import REFERENCE_PATRIMONY, PhoneBook, uid_of
from gerance.demo.world_records import (
    Address,
    Agency,
    PatrimonyContactRecord,
    PatrimonyRecord,
    Person,
    Resident,
)

# Patrimonies of each agency, in the order of the agencies: 150 in all.
PATRIMONIES_OF_AGENCIES = (16, 14, 8, 9, 12, 9, 8, 11, 9, 8, 13, 9, 9, 8, 7)
CONTACTS = 60
_REFERENCE_ADDRESS = Address("8", "rue des Batignolles", "75017", "Paris", "Île-de-France")


def mail_name(person: Person) -> str:
    """`Éléonore N'Diaye` as `eleonore.ndiaye`."""
    text = unicodedata.normalize("NFKD", f"{person.first_name}.{person.last_name}")
    text = text.replace("œ", "oe").lower().replace(" ", "-")
    return "".join(letter for letter in text if letter.isascii() and letter != "'")


def build_patrimonies(
    seed: int, rng: Random, phones: PhoneBook, agencies: tuple[Agency, ...]
) -> tuple[PatrimonyRecord, ...]:
    """The patrimonies of every agency; the reference's own comes first, at the first agency."""
    patrimonies: list[PatrimonyRecord] = []
    labels: set[str] = set()
    for agency, number in zip(agencies, PATRIMONIES_OF_AGENCIES, strict=True):
        siblings = [
            other.uid
            for other in agencies
            if other.company_uid == agency.company_uid and other is not agency
        ]
        for index in range(number):
            is_reference = not patrimonies
            address = (
                _REFERENCE_ADDRESS if is_reference else an_address(rng, rng.choice(agency.cities))
            )
            label = rng.choice(RESIDENCES) if rng.random() < 0.7 else None
            if label is None or label in labels:
                label = f"{address.number} {address.street}, {address.city}"
            labels.add(label)
            second = (rng.choice(siblings),) if rng.random() < 0.1 else ()
            ref = f"{agency.ext_name.replace('-', '')}{index + 1:03d}"
            patrimonies.append(
                PatrimonyRecord(
                    uid=REFERENCE_PATRIMONY if is_reference else uid_of(seed, "patrimony", ref),
                    ref=ref,
                    label="Résidence des Batignolles" if is_reference else label,
                    company_uid=agency.company_uid,
                    agency_uids=(agency.uid, *second),
                    address=address,
                    residents=_residents(rng, phones),
                )
            )
    return tuple(patrimonies)


def _residents(rng: Random, phones: PhoneBook) -> tuple[Resident, ...]:
    buildings = rng.choice((None, None, ("A", "B"), ("A", "B", "C")))
    residents: list[Resident] = []
    for _ in range(rng.randint(6, 10)):
        person = a_person(rng)
        floor = rng.randint(0, 8)
        residents.append(
            Resident(
                person=person,
                phone=phones.mobile(),
                email=f"{mail_name(person)}@courriel.example",
                building=f"Bâtiment {rng.choice(buildings)}" if buildings else None,
                staircase=f"Escalier {rng.randint(1, 3)}" if rng.random() < 0.3 else None,
                floor="Rez-de-chaussée" if floor == 0 else f"{floor}e étage",
                unit=f"Porte {rng.choice(('gauche', 'droite', 'face', floor * 10 + 4))}",
            )
        )
    return tuple(residents)


def build_contacts(
    seed: int, rng: Random, phones: PhoneBook, patrimonies: tuple[PatrimonyRecord, ...]
) -> tuple[PatrimonyContactRecord, ...]:
    """Caretakers and co-owners of the larger patrimonies, the reference's own first."""
    others = rng.sample(patrimonies[1:], CONTACTS - 2)
    contacts: list[PatrimonyContactRecord] = []
    for place, patrimony in enumerate((patrimonies[0], patrimonies[0], *others)):
        uid = uid_of(seed, "patrimonyContact", place)
        if place % 5 in {0, 2, 3}:
            contacts.append(
                PatrimonyContactRecord(
                    uid=uid,
                    patrimony_uid=patrimony.uid,
                    person=a_person(rng),
                    phone=phones.mobile(),
                    email=f"loge.{patrimony.ref.lower()}@courriel.example",
                    link_type="LinkToPatrimonyAsCareTaker",
                    position=None,
                )
            )
        else:
            resident = rng.choice(patrimony.residents)
            contacts.append(
                PatrimonyContactRecord(
                    uid=uid,
                    patrimony_uid=patrimony.uid,
                    person=resident.person,
                    phone=resident.phone,
                    email=resident.email,
                    link_type="LinkToPatrimonyAsHomeOwnerAssociation",
                    position=rng.choice(("NonMember", "Member", "Member", "President")),
                )
            )
    return tuple(contacts)
