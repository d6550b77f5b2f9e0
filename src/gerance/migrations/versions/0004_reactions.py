"""Reactions, the cause of an event, jobs of the day."""

from gerance.migrations.sqlfile import run

revision = "0004_reactions"
down_revision = "0003_rentals"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the file of this revision."""
    run("0004_reactions.sql")
