"""A database at the folded revision is up to date; an older one is rejected with a remedy."""

from collections.abc import Iterator

import psycopg
import pytest
from tests.conftest import made_database

from gerance import migrations
from gerance.cli.failures import explain


@pytest.fixture
def upgraded(database_url: str) -> Iterator[str]:
    """URL of a database at the newest revision."""
    with made_database(database_url) as url:
        migrations.upgrade(url)
        yield url


def set_revision(url: str, revision: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("UPDATE alembic_version SET version_num = %s", [revision])


def test_a_database_at_the_last_folded_revision_only_lacks_what_came_later(upgraded: str) -> None:
    set_revision(upgraded, "0013_daily_job")

    assert migrations.pending(upgraded) == list(migrations._revisions()[1:])


@pytest.mark.parametrize("revision", migrations.FOLDED)
def test_an_older_database_is_rejected_with_the_remedy(upgraded: str, revision: str) -> None:
    set_revision(upgraded, revision)

    assert migrations.pending(upgraded) == list(migrations._revisions())
    with pytest.raises(migrations.FoldedRevision) as rejected:
        migrations.upgrade(upgraded)
    message = explain(rejected.value)
    assert message
    assert revision in message
    assert f"check out commit {migrations.LAST_WITH_THEM}" in message
    assert migrations.current(upgraded) == revision


def test_a_new_database_has_a_key_for_tokens(upgraded: str) -> None:
    with psycopg.connect(upgraded) as connection:
        rows = connection.execute("SELECT length(key) FROM token_key").fetchall()

    assert rows == [(32,)]
