"""Run a file of SQL as it is written: no placeholder, no parameter, several statements."""

from pathlib import Path

import psycopg
from alembic import op


def run(name: str) -> None:
    """Execute a file of this directory in the transaction of the migration that runs.

    It goes to psycopg directly, because SQLAlchemy would read `:name` and `%` as parameters.
    """
    driver = op.get_bind().connection.driver_connection
    if not isinstance(driver, psycopg.Connection):
        raise TypeError(f"migrations run on psycopg, not on {type(driver).__name__}")
    text = (Path(__file__).parent / name).read_bytes()
    driver.execute(text)
