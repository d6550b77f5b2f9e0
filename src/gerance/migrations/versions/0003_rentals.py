"""Rentals, and the views of the incident side."""

from gerance.migrations.sqlfile import run

revision = "0003_rentals"
down_revision = "0002_integrators"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the file of this revision."""
    run("0003_rentals.sql")
