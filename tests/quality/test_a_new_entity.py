"""An entity of the rental API is complete: each missing part is named in one sentence."""

from collections.abc import Callable

import pytest
from tests.quality import new_entity


@pytest.mark.parametrize("check", new_entity.STATIC, ids=lambda check: check.__name__)
def test_no_entity_lacks_a_part(check: Callable[[], list[str]]) -> None:
    sentences = check()
    assert not sentences, "\n".join(sentences)


def test_no_entity_lacks_a_column(database: str) -> None:
    sentences = new_entity.missing_columns(database)
    assert not sentences, "\n".join(sentences)
