"""Versions of entity sets, and integrators."""

from gerance.migrations.sqlfile import run

revision = "0002_integrators"
down_revision = "0001_initial"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the file of this revision."""
    run("0002_integrators.sql")
