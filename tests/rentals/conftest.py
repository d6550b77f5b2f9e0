"""The demonstration's rentals at scale 1, loaded once; each module that asks has its own copy."""

from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from tests.conftest import made_database
from tests.living import on

from gerance.demo.rentals import RentalSize, load_rentals

NOW = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture(scope="session")
def rentals_template(database_url: str, migrated_template: str) -> Iterator[str]:
    """Name of a database with the rentals as of NOW; nobody may stay connected to it."""
    with made_database(database_url, template=migrated_template) as url:
        on(url, lambda connection: load_rentals(connection, RentalSize.of(1), now=NOW))
        yield urlsplit(url).path[1:]


@pytest.fixture(scope="module")
def estate(database_url: str, rentals_template: str) -> Iterator[str]:
    """URL of a database with the rentals as of NOW, for one test module alone."""
    with made_database(database_url, template=rentals_template) as url:
        yield url
