"""Divisions, housing types, services and the statements of the ledgers."""

from datetime import date
from random import Random

from gerance.demo import rentals_corpus as corpus
from gerance.demo.rentals_book import Book
from gerance.demo.rentals_places import DIVISIONS
from gerance.kernel.months import add_months

MONTHS = 12


def add_ledgers(book: Book, rng: Random, units: int, today: date) -> None:
    """Add all that there is once: divisions with a year of statements, housing types, services.

    `units`: how many there will be in all divisions together, for the sums.
    """
    for division in DIVISIONS:
        start = 5 if division.company_no == 3 else 1
        book.add(
            "LedgerDivision", *division.place, division.company_name, division.name,
            division.currency, start,
        )  # fmt: skip
        for month in range(MONTHS, 0, -1):
            day = add_months(today, -month)
            for number, name in corpus.ACCOUNTS:
                sum_ = round(units / len(DIVISIONS) * rng.uniform(40, 900))
                debit, credit = (0, sum_) if number[0] in "24" else (sum_, 0)
                if number[0] == "1":
                    credit = round(debit * rng.uniform(0.5, 0.99))
                period = f"{day.year}-{day.month:02d}"
                book.add("FinancialStatement", *division.place, period, number, name, debit, credit)
    for code, name in corpus.HOUSING_TYPES.items():
        book.add("HousingType", code, name)
    for code, name, amount, taxable in corpus.SERVICES:
        book.add("Service", code, name, amount, taxable)
