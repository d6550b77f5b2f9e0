"""Patrimonies have addresses of their own. The previous release leaves the column alone."""

from gerance.migrations.sqlfile import run

revision = "0016_patrimony_addresses"
down_revision = "0015_places"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the file of this revision."""
    run("0016_patrimony_addresses.sql")
