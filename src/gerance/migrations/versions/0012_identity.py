"""Log-ins by network, and one-time codes."""

from gerance.migrations.sqlfile import run

revision = "0012_identity"
down_revision = "0011_token_key"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the file of this revision."""
    run("0012_identity.sql")
