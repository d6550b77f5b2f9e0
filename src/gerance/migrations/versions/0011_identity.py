"""Log-ins by network, and one-time codes."""

from gerance.migrations.sqlfile import run

revision = "0011_identity"
down_revision = "0010_scopes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the file of this revision."""
    run("0011_identity.sql")
