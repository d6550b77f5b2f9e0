"""`gerance secrets`: encryption of the secrets in the database."""

from typing import TYPE_CHECKING

from gerance.cli.command_group import CommandGroup
from gerance.cli.options import Home
from gerance.cli.output import count_noun, say

if TYPE_CHECKING:
    from gerance.kernel.keyring import Keyring

app = CommandGroup("Encrypt the secrets in the database; rotate the encryption key.")


@app.command("encrypt")
def encrypt(home: Home = None) -> None:
    """Encrypt every stored secret with the current key. Safe to repeat while servers run."""
    say(_encrypt_all(home))


@app.command("rotate")
def rotate(home: Home = None) -> None:
    """Create a new key and encrypt every stored secret with it. Earlier keys still decrypt."""
    _keys_in_file(home).add_first()
    say(_encrypt_all(home))


@app.command("forget")
def forget(home: Home = None) -> None:
    """Remove keys that no stored secret uses. Older backups still need them."""
    import psycopg

    from gerance.cli.installation import readable_database
    from gerance.kernel.settings import load_settings
    from gerance.kernel.stored_secrets import key_ids

    keys = _keys_in_file(home)
    with readable_database(load_settings(home=home)) as url, psycopg.connect(url) as connection:
        old_keys = keys.forget(key_ids(connection))
    say(f"Removed {count_noun(len(old_keys), 'key')} from {keys.source}.")


@app.command("new-key")
def new_key() -> None:
    """Print a new key for GERANCE_SECRET_KEY or the key file."""
    from gerance.kernel import keyring

    say(keyring.new_key())


def _keys_in_file(home: str | None) -> "Keyring":
    """The keys of the installation. Raises Failure when they come from the environment."""
    from gerance.cli.failures import Failure
    from gerance.cli.installation import readable_database
    from gerance.kernel import keyring
    from gerance.kernel.settings import load_settings

    with readable_database(load_settings(home=home)):
        keys = keyring.keyring()
    if not keys.in_file:
        raise Failure(
            "the keys come from GERANCE_SECRET_KEY, which commands cannot change: put a key of"
            " `gerance secrets new-key` first in it everywhere, then run `gerance secrets encrypt`"
        )
    return keys


def _encrypt_all(home: str | None) -> str:
    """Encrypt every secret; a sentence with the result."""
    from gerance.cli.installation import with_connection
    from gerance.kernel import keyring
    from gerance.kernel.stored_secrets import encrypt_all

    count = with_connection(home, encrypt_all)
    keys = keyring.keyring()
    return f"Encrypted {count_noun(count, 'secret')} with the key {keys.ids()[0]} of {keys.source}."
