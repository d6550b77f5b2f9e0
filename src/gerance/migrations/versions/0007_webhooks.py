"""Endpoints that are told what happens, what they are owed, and how telling them went."""

from gerance.migrations.sqlfile import run

revision = "0007_webhooks"
down_revision = "0006_lots"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the file of this revision."""
    run("0007_webhooks.sql")
