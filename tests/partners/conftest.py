"""Two partners and a running application, for each module."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from tests.partners.calling import Partner, add, serving


@pytest.fixture(scope="module")
def http(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with serving(database, Path(tmp_path_factory.mktemp("home"))) as client:
        yield client


@pytest.fixture(scope="module")
def foussier(database: str, http: TestClient) -> Partner:
    return Partner(http, "FOUSSIER", add(database, "FOUSSIER", "Foussier", "Quincaillerie Émile"))


@pytest.fixture(scope="module")
def legallais(database: str, http: TestClient) -> Partner:
    return Partner(http, "LEGALLAIS", add(database, "LEGALLAIS", "Foussier"))
