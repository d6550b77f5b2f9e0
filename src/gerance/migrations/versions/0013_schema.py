"""The schema of 0.1.0. It keeps the id of the last revision that it was folded from, so that a
database at that revision is up to date."""

from gerance.migrations.sqlfile import run

revision = "0013_daily_job"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the file of this revision."""
    run("0013_schema.sql")
