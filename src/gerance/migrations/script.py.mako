"""${message}."""

from gerance.migrations.sqlfile import run

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the file of this revision."""
    run("${up_revision}.sql")
