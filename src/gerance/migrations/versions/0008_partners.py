"""Partners, their customers, what is billed."""

from gerance.migrations.sqlfile import run

revision = "0008_partners"
down_revision = "0007_webhooks"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the file of this revision."""
    run("0008_partners.sql")
