"""Endpoints that want the events of somebody alone, and how large is what is owed."""

from gerance.migrations.sqlfile import run

revision = "0010_scopes"
down_revision = "0009_billing_run"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the file of this revision."""
    run("0010_scopes.sql")
