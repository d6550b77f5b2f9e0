"""Books of its own for each test, and an integrator's office over them."""

from collections.abc import Iterator

import pytest
from tests.rentals.billing_run.books import Books
from tests.rentals.conftest import NOW
from tests.rentals.office import Office, opened_office
from tests.travelling import travelled


@pytest.fixture
def books(database: str) -> Iterator[Books]:
    books = Books(database)
    yield books
    books.close()


@pytest.fixture(scope="module")
def office(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with (
        travelled(NOW),
        opened_office(database, tmp_path_factory.mktemp("home")) as opened,
    ):
        yield opened
