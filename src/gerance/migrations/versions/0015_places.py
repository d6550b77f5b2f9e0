"""The index of tickets by city unites the spellings of a name. Writers go on while it is built."""

from alembic import op

from gerance.migrations.sqlfile import run

revision = "0015_places"
down_revision = "0014_ticket_references"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the function and the new index, then drop the old one."""
    run("0015_places.sql")
    with op.get_context().autocommit_block():
        # An interrupted run leaves an index that is not valid.
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ticket_place")
        op.execute("CREATE INDEX CONCURRENTLY ticket_place ON ticket (place_key(city_key), number)")
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ticket_city")
