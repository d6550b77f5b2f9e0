"""Writes what is checked of the schema: the lines of `schema.sql`, and the hashes of migrations.

Run it with `make schema` after a change of the schema. A migration that is listed has landed, and
never changes again: this adds those that are new, and touches no other.
"""

import hashlib
import tempfile
from pathlib import Path

import psycopg

from gerance import migrations
from gerance.kernel import embedded
from gerance.kernel.settings import load_settings
from gerance.migrations import catalog

LANDED = Path(__file__).with_name("landed.txt")
_DIRECTORY = Path(migrations.__file__).parent


def steps() -> dict[str, str]:
    """The SHA-256 of each file that a migration consists of, by name."""
    files = [*_DIRECTORY.glob("[0-9]*.sql"), *_DIRECTORY.glob("versions/[0-9]*.py")]
    return {
        str(file.relative_to(_DIRECTORY)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(files)
    }


def landed() -> dict[str, str]:
    """Those that are listed."""
    lines = LANDED.read_text().splitlines() if LANDED.exists() else []
    return {name: digest for digest, name in (line.split() for line in lines)}


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="gerance-schema-", ignore_cleanup_errors=True) as home:
        settings = load_settings(home=Path(home) / "home")
        with embedded.database(settings) as url, psycopg.connect(url) as connection:
            connection.execute((_DIRECTORY / "schema.sql").read_bytes())
            lines = catalog.catalog(connection)
    catalog.FILE.write_text("".join(f"{line}\n" for line in lines))
    known = {**steps(), **landed()}
    LANDED.write_text("".join(f"{digest}  {name}\n" for name, digest in sorted(known.items())))


if __name__ == "__main__":
    main()
