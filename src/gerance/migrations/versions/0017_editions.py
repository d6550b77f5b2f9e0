"""Accounts have an edition of the incident API; provider contacts have agencies and patrimonies."""

from gerance.migrations.sqlfile import run

revision = "0017_editions"
down_revision = "0016_patrimony_addresses"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the file of this revision."""
    run("0017_editions.sql")
