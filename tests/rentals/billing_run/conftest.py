"""Books of its own for each test."""

from collections.abc import Iterator

import pytest
from tests.rentals.billing_run.books import Books


@pytest.fixture
def books(database: str) -> Iterator[Books]:
    books = Books(database)
    yield books
    books.close()
