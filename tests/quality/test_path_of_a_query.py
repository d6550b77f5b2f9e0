"""A query reads straight down through few files."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from tests.living import running
from tests.quality.path_trace import MOST_FILES, files_of_request
from tests.rentals.test_writing import integrator

from gerance.kernel.identity.scope import Scope


@pytest.fixture
def http(database: str, tmp_path: Path) -> Iterator[TestClient]:
    with running(database, tmp_path) as http:
        http.headers.update(integrator(http, database, "reader", Scope()))
        yield http


def test_a_query_passes_through_at_most_15_files(http: TestClient) -> None:
    files, answer = files_of_request(http, lambda: http.get("/api/Buildings?$expand=Units"))
    assert answer.status_code == 200, answer.text
    assert "Units@odata" not in answer.text
    assert "kernel/odata/sql/statements.py" in files
    assert len(files) <= MOST_FILES, "\n".join(["A query passes through:", *files])
