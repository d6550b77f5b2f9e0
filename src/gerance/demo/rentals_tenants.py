"""The tenants of a building: who they are, what they rent, are billed and pay."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from random import Random

from gerance.demo import rentals_corpus as corpus
from gerance.demo import rentals_leases as leases
from gerance.demo.rentals_book import Book
from gerance.demo.rentals_buildings import Building, Unit, close_for_a_while, phone
from gerance.demo.rentals_leases import DAY, Lease
from gerance.demo.rentals_papers import pdf
from gerance.demo.rentals_plans import RESERVED
from gerance.kernel.months import add_months

Person = tuple[str, str]

_SINGLE: tuple[tuple[Callable[[Random, date, int], Lease], int], ...] = (
    (leases.running, 80),
    (leases.with_departure, 8),
    (leases.over, 6),
    (leases.coming, 6),
)

_CHARGES = len(corpus.SERVICES) - 1
"""How many services there are but the rebate, which is the last."""


def settle(
    book: Book,
    rng: Random,
    building: Building,
    tenants: int,
    today: date,
    first: Person | None = None,
) -> list[tuple[int, Unit]]:
    """Add so many tenants to a building; those who live there today, with their units.

    `first`: the tenant of the first unit, where it is known.
    """
    units = [unit for unit in building.units if unit.active]
    rng.shuffle(units)
    if first is not None:
        units.sort(key=lambda unit: unit is not building.units[0])
    places = len(building.parkings) + len(building.storages)
    alone = 0 if first else min(places, (tenants + rng.randrange(40)) // 40)
    twice = max(tenants - alone - len(units), (tenants - alone) // 12)
    for _ in range(alone):
        lease = leases.running(rng, today, 60)
        lease.steps.clear()
        _Tenancy(book, rng, building, lease, today).add(None, None)
    residents: list[tuple[int, Unit]] = []
    tenant_count = 0
    for unit in units:
        if tenant_count >= tenants - alone:
            close_for_a_while(book, rng, building, unit, today)
            continue
        if twice and tenant_count + 2 <= tenants - alone and first is None:
            terms, twice = _two(rng, today, unit.rent), twice - 1
        else:
            terms = [_one(rng, today, unit.rent) if first is None else _reference(today, unit.rent)]
        for lease in terms:
            tenant = _Tenancy(book, rng, building, lease, today).add(unit, first)
            if lease.start <= today and (lease.last_day is None or lease.last_day >= today):
                residents.append((tenant, unit))
        first = None
        tenant_count += len(terms)
    return residents


def add_agreed_increase(book: Book) -> None:
    """Add an increase of the rent of tenant 3, of building 1000PINS, that is far in the future."""
    (number,) = RESERVED["LeasePriceChange"]
    day, text = date(2032, 1, 1), "Hausse convenue"
    book.add("LeasePriceChange", 3, day, 1500, text, None, 3, 1, own_id=number)


def _one(rng: Random, today: date, rent: int) -> Lease:
    kinds, weights = zip(*_SINGLE, strict=True)
    kind: Callable[[Random, date, int], Lease] = rng.choices(kinds, weights)[0]
    return kind(rng, today, rent)


def _two(rng: Random, today: date, rent: int) -> list[Lease]:
    """One tenant after another in the same unit."""
    if rng.random() < 0.4:
        going = leases.with_departure(rng, today, rent)
        after = add_months((going.departure or today) + DAY, rng.choice((0, 0, 1)))
        return [going, leases.coming(rng, today, rent, since=after)]
    now = leases.running(rng, today, rent)
    return [leases.over(rng, now.start, rent), now]


def _reference(today: date, rent: int) -> Lease:
    start = add_months(today, -30)
    return Lease(start, add_months(start, 12) - DAY, renewable=True, rent=rent)


class _Tenancy:
    """A tenant on the way into the book."""

    def __init__(
        self, book: Book, rng: Random, building: Building, lease: Lease, today: date
    ) -> None:
        self.book, self.rng, self.building, self.today = book, rng, building, today
        self.lease = lease
        self.place = building.division.place
        self.tenant = book.next_id("Tenant")
        self.monthly: list[tuple[str, str, int]] = []

    def add(self, unit: Unit | None, person: Person | None) -> int:
        """Add the tenant and all that belongs to it; its id."""
        kind = "D"
        if unit is not None:
            kind = "C" if unit.commercial else "D"
            if self.rng.random() < 0.35:
                self._rent_a("Parking")
            if self.rng.random() < 0.15:
                self._rent_a("Storage")
        else:
            likes = ("Storage", "Parking") if self.rng.random() < 0.3 else ("Parking", "Storage")
            kind = next(what[0] for what in likes if self._rent_a(what))
        last, first = person or self._name(kind)
        if kind in "DC":
            self._add_steps()
            self._add_service()
        balance = self._add_transactions(kind)
        self._add_tenant(kind, unit, (last, first), balance)
        self._add_papers(f"{first} {last}".strip(), unit)
        return self.tenant

    def _name(self, kind: str) -> tuple[str, str]:
        if kind == "C":
            return self.rng.choice(corpus.FIRMS), ""
        return self.rng.choice(corpus.LAST_NAMES), self.rng.choice(corpus.FIRST_NAMES)

    def _add_tenant(self, kind: str, unit: Unit | None, person: Person, balance: int) -> None:
        rng, lease, town = self.rng, self.lease, self.building.division.towns[0]
        last, first = person
        number = self.book.count(("tenant", self.place))
        mail = ".".join(corpus.MAIL.get(name, "locataire") for name in (first, last) if name)
        self.book.add(
            "Tenant",
            *self.place,
            kind,
            number,
            self.building.code if unit else None,
            unit.code if unit else None,
            unit.id if unit else None,
            last,
            first or None,
            f"{mail}.{self.tenant}@courriel.example" if rng.random() < 0.9 else None,
            phone(rng, town.phone) if rng.random() < 0.4 else None,
            phone(rng, town.phone),
            "en" if town.phone[0] != "0" and rng.random() < 0.12 else "fr",
            date(rng.randint(1944, 2004), rng.randint(1, 12), rng.randint(1, 28))
            if first
            else None,
            lease.start,
            lease.end,
            lease.renewable,
            lease.start - timedelta(rng.randint(20, 100)),
            lease.rent if unit else self.monthly[0][2],
            lease.departure,
            lease.rent_on(self.today) if unit else self.monthly[0][2],
            balance,
            own_id=self.tenant,
        )

    def _rent_a(self, what: str) -> bool:
        """Rent one of the building's free parkings or storages, if there is one."""
        free = self.building.parkings if what == "Parking" else self.building.storages
        if not free:
            return False
        place_id, rent = free.pop()
        lease = self.lease
        self.book.add(
            f"Tenant{what}", self.tenant, place_id, lease.start, lease.end, lease.renewable, rent,
            *self.place, lease.departure,
        )  # fmt: skip
        self.monthly.append(
            ("K", "Stationnement", rent) if what == "Parking" else ("G", "Rangement", rent)
        )
        return True

    def _add_steps(self) -> None:
        lease = self.lease
        lease.steps = [
            step for step in lease.steps if lease.departure is None or step[0] <= lease.departure
        ]
        for start, rent in lease.steps:
            applied_at = datetime(start.year, start.month, 1, 4, tzinfo=UTC)
            self.book.add(
                "LeasePriceChange",
                self.tenant,
                start,
                rent,
                "Hausse prévue au bail",
                applied_at if start <= self.today else None,
                *self.place,
            )

    def _add_service(self) -> None:
        chance, lease = self.rng.random(), self.lease
        end: date | None = lease.last_day
        comment: str | None = None
        if chance < 0.06:
            # A rebate on the first two months (reference/002, Q10).
            number = len(corpus.SERVICES)
            end, comment = add_months(lease.start, 2) - DAY, "Rabais sur les deux premiers mois"
        elif chance < 0.28:
            number = self.rng.randint(1, _CHARGES)
        else:
            return
        _, name, amount, _ = corpus.SERVICES[number - 1]
        self.book.add(
            "TenantService", self.tenant, number, amount, lease.start, end, comment, *self.place
        )
        if end is None or end >= add_months(self.today, -1):
            self.monthly.append(("S", name, amount))

    def _add_transactions(self, kind: str) -> int:
        """Add the charges and payments of the last months of the lease; return the balance."""
        rng, lease = self.rng, self.lease
        last = min(self.today, lease.last_day or self.today)
        first = max(lease.start, add_months(last, -1))
        month, balance = first, 0
        charges = [*self.monthly]
        if kind in "DC":
            charges.insert(0, ("R", "Loyer", 0))
        while month <= last:
            due = 0
            period = f"{month.year}-{month.month:02d}"
            for sort, name, amount in charges:
                charge = lease.rent_on(month) if sort == "R" else amount
                due += charge
                self._add_transaction(
                    month, sort, charge, f"{name} {period}", period, balance + due
                )
            balance += due
            paid_on = month + timedelta(rng.choice((0, 0, 1, 2, 4, 9)))
            if paid_on <= self.today and rng.random() < 0.93:
                paid = balance if rng.random() < 0.95 else balance // 2
                balance -= paid
                self._add_transaction(paid_on, "P", -paid, "Paiement", None, balance)
            month = add_months(month, 1)
        return balance

    def _add_transaction(
        self, day: date, kind: str, amount: int, what: str, period: str | None, balance: int
    ) -> None:
        self.book.add(
            "Transaction", self.tenant, day, kind, amount, what, period, balance, *self.place
        )

    def _add_papers(self, name: str, unit: Unit | None) -> None:
        rng, lease = self.rng, self.lease
        created_on = datetime(lease.start.year, lease.start.month, 1, 14, tzinfo=UTC) - timedelta(
            30
        )
        if rng.random() < 0.5:
            content = pdf(
                (
                    f"Bail no {self.tenant}",
                    f"Locataire : {name}",
                    f"Immeuble {self.building.code}, logement {unit.code if unit else '-'}",
                    f"Du {lease.start} au {lease.end}",
                    f"Loyer mensuel : {lease.rent} {self.building.division.currency}",
                )
            )
            self.book.add(
                "Document", self.tenant, "L", f"Bail de {name}", created_on, "application/pdf",
                content, *self.place,
            )  # fmt: skip
        if rng.random() < 0.1 and lease.start < self.today:
            text = f"Reçu\n\n{name} a versé {lease.rent} {self.building.division.currency}.\n"
            self.book.add(
                "Document", self.tenant, "I", f"Reçu de loyer de {name}",
                created_on + timedelta(40), "text/plain; charset=utf-8", text.encode(), *self.place,
            )  # fmt: skip
