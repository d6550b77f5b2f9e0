"""The first schema."""

from gerance.migrations.sqlfile import run

revision = "0001_initial"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the file of this revision."""
    run("0001_initial.sql")
