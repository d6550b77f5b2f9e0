"""What the billing run charged for, each once for a month."""

from gerance.migrations.sqlfile import run

revision = "0009_billing_run"
down_revision = "0008_partners"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the file of this revision."""
    run("0009_billing_run.sql")
