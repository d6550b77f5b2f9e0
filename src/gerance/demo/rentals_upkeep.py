"""Suppliers, the service calls that they answer, and their invoices."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random

from gerance.demo import rentals_corpus as corpus
from gerance.demo.rentals_book import Book
from gerance.demo.rentals_buildings import Building, Unit, phone
from gerance.demo.rentals_places import DIVISIONS, FRENCH_STREETS, QUEBEC_STREETS

_STATUSES = ("O", "A", "P", "D", "X")
_TAXES = {"CA": Decimal("0.14975"), "FR": Decimal("0.20")}
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Supplier:
    id: int
    code: str
    country: str
    trade: str
    terms: int


@dataclass(frozen=True, slots=True)
class KnownProvider:
    """A provider as the incident side knows it."""

    uid: str
    name: str
    phone: str | None
    email: str | None


def add_suppliers(
    book: Book, rng: Random, number: int, linked_providers: Sequence[KnownProvider]
) -> list[Supplier]:
    """Add suppliers of all trades in both countries; the `linked_providers` come first."""
    providers = iter(linked_providers)
    suppliers = []
    for place in range(max(number, 2 * len(corpus.TRADES))):
        trade = corpus.TRADES[place // 2 % len(corpus.TRADES)]
        division = rng.choice([each for each in DIVISIONS if (each.country == "FR") == place % 2])
        french, town = division.country == "FR", rng.choice(division.towns)
        provider = next(providers, None) if french else None
        owner, terms = rng.choice(corpus.LAST_NAMES), rng.choice((15, 30, 30, 45))
        street, _ = rng.choice(FRENCH_STREETS if french else QUEBEC_STREETS)
        code = f"F{place + 1:04d}"
        supplier = book.add(
            "Supplier",
            code,
            provider.name if provider else f"{trade} {owner}{'' if french else ' inc.'}",
            f"{rng.choice(corpus.FIRST_NAMES)} {owner}",
            f"{rng.randint(2, 900)} {street}",
            town.name,
            town.province,
            rng.choice(town.postal_codes),
            provider.phone if provider else phone(rng, town.phone),
            provider.email if provider else f"bureau@{corpus.MAIL[owner]}-{place + 1}.example",
            trade,
            terms,
            provider.uid if provider else None,
        )
        suppliers.append(Supplier(supplier, code, division.country, trade, terms))
    return suppliers


def add_calls(
    book: Book,
    rng: Random,
    building: Building,
    number: int,
    residents: Sequence[tuple[int, Unit]],
    suppliers: Sequence[Supplier],
    now: datetime,
) -> None:
    """Add service calls of the last year, by tenants or for the common parts."""
    near = [each for each in suppliers if each.country == building.division.country]
    for _ in range(number):
        job = rng.choice(corpus.JOBS)
        age = timedelta(minutes=rng.randint(30, 365 * 24 * 60))
        reported_at = now - age
        old = age > timedelta(21)
        status = rng.choices(_STATUSES, (1, 2, 2, 90, 5) if old else (30, 20, 20, 25, 5))[0]
        tenant, unit = rng.choice(residents) if residents and rng.random() < 0.8 else (None, None)
        fitting = [each for each in near if each.trade == job.trade] or near
        supplier = rng.choice(fitting) if status in "APD" else None
        closed = (
            min(now, reported_at + timedelta(hours=rng.randint(2, 400))) if status in "DX" else None
        )
        call = book.add(
            "ServiceCall",
            book.count(("call", building.division.place)),
            *building.division.place,
            building.code,
            building.id,
            unit.id if unit else None,
            tenant,
            supplier.id if supplier else None,
            rng.choices((1, 2, 3, 4), (10, 25, 50, 15))[0],
            status,
            job.subject,
            job.report,
            reported_at,
            (reported_at + timedelta(rng.randint(1, 9))).date() if status in "APD" else None,
            closed,
        )
        for line, work in enumerate(job.works if status in "PD" else (), start=1):
            hours = rng.choice((Decimal("0.5"), 1, Decimal("1.5"), 2, 3))
            book.add(
                "ServiceCallDetail",
                call,
                line,
                (closed or now).date(),
                work,
                hours,
                hours * 85,
                status == "D",
                *building.division.place,
            )


def add_invoices(
    book: Book, rng: Random, building: Building, number: int, suppliers: Sequence[Supplier],
    today: date,
) -> None:  # fmt: skip
    """Add invoices of the last year to a building's division."""
    division = building.division
    near = [each for each in suppliers if each.country == division.country]
    for _ in range(number):
        supplier = rng.choice(near)
        day = today - timedelta(rng.randint(1, 365))
        due = day + timedelta(supplier.terms)
        lines = [
            (
                rng.choice(corpus.EXPENSES),
                rng.randint(1, 6),
                Decimal(rng.randint(1500, 32000)) / 100,
            )
            for _ in range(rng.choice((1, 1, 2, 3)))
        ]
        subtotal = sum((quantity * price for _, quantity, price in lines), Decimal())
        invoice = book.add(
            "Invoice",
            *division.place,
            supplier.id,
            f"{supplier.code}-{book.count(('invoice', supplier.id)):05d}",
            day,
            due,
            f"{supplier.trade}, {building.code}",
            subtotal,
            (subtotal * _TAXES[division.country]).quantize(_CENT),
            division.currency,
            "D" if due < today else rng.choice("PA"),
        )
        for line, (account, quantity, price) in enumerate(lines, start=1):
            book.add(
                "InvoiceDetail", invoice, line, account, building.code, supplier.trade, quantity,
                price, *division.place,
            )  # fmt: skip
