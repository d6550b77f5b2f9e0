"""Leases exclude one another; answers to requests that may be sent again."""

from gerance.migrations.sqlfile import run

revision = "0005_rentals_writing"
down_revision = "0004_reactions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the file of this revision."""
    run("0005_rentals_writing.sql")
