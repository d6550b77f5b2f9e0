"""Daily jobs that stop until an operator confirms the day."""

from gerance.migrations.sqlfile import run

revision = "0013_daily_job"
down_revision = "0012_identity"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the file of this revision."""
    run("0013_daily_job.sql")
