"""Lots of patrimonies, and units linked with them."""

from gerance.migrations.sqlfile import run

revision = "0006_lots"
down_revision = "0005_rentals_writing"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the file of this revision."""
    run("0006_lots.sql")
