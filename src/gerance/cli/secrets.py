"""`gerance secrets`: the keys that encrypt what the database stores in a readable form."""

from typing import TYPE_CHECKING

import typer

from gerance.cli.output import Home, counted, say

if TYPE_CHECKING:
    from gerance.kernel.keyring import Keyring

app = typer.Typer(
    help="Encrypt the secrets in the database, and rotate the encryption key.",
    no_args_is_help=True,
)


@app.command("encrypt")
def encrypt(home: Home = None) -> None:
    """Encrypt every stored secret with the current key. Safe to repeat while servers run."""
    say(_encrypted(home))


@app.command("rotate")
def rotate(home: Home = None) -> None:
    """Make a new key and encrypt every stored secret with it. Former keys still decrypt."""
    _keys_in_file(home).add_first()
    say(_encrypted(home))


@app.command("forget")
def forget(home: Home = None) -> None:
    """Remove former keys that no stored secret needs; older backups still need them."""
    import psycopg

    from gerance.cli.connect import readable_database
    from gerance.kernel.settings import load_settings
    from gerance.kernel.stored_secrets import key_ids

    ring = _keys_in_file(home)
    with readable_database(load_settings(home=home)) as url, psycopg.connect(url) as connection:
        removed = ring.forget(key_ids(connection))
    say(f"Removed {counted(len(removed), 'key')} from {ring.source}.")


@app.command("new-key")
def new_key() -> None:
    """Print a new key, for GERANCE_SECRET_KEY or the file of keys."""
    from gerance.kernel import keyring

    say(keyring.new_key())


def _keys_in_file(home: str | None) -> "Keyring":
    """The keys of the installation, which read every stored secret. Raises Failure."""
    from gerance.cli.connect import readable_database
    from gerance.cli.failures import Failure
    from gerance.kernel import keyring
    from gerance.kernel.settings import load_settings

    with readable_database(load_settings(home=home)):
        ring = keyring.keyring()
    if not ring.in_file:
        raise Failure(
            "the keys come from GERANCE_SECRET_KEY, which no command can change: put a key of"
            " `gerance secrets new-key` first in it everywhere, then run `gerance secrets encrypt`"
        )
    return ring


def _encrypted(home: str | None) -> str:
    """Encrypt; what was done."""
    from gerance.cli.connect import with_connection
    from gerance.kernel import keyring
    from gerance.kernel.stored_secrets import encrypt_all

    changed = with_connection(home, encrypt_all)
    ring = keyring.keyring()
    return f"Encrypted {counted(changed, 'secret')} with the key {ring.ids()[0]} of {ring.source}."
