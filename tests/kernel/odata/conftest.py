"""The catalogue in a database of its own, and a client of it, for each module that asks."""

from collections.abc import Iterator

import pytest
from tests.kernel.odata.shop import Shop, make_tables, open_shop


@pytest.fixture(scope="module")
def tables(database: str) -> str:
    """URL of a database with the catalogue's tables and rows."""
    make_tables(database)
    return database


@pytest.fixture(scope="module")
def shop(tables: str) -> Iterator[Shop]:
    with open_shop(tables) as opened:
        yield opened
