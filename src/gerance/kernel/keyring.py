"""Encryption of the secrets that the product reads back (webhook secrets, signing keys ...), under
keys that are not in the database.

AES-256-GCM; a value is bound to its column and row, so it is of no use in another one. It names its
key: `enc:1:<id of the key>:<base64 of nonce and ciphertext>`. A value without that prefix was
stored by an earlier release, and is read as it is. The first key encrypts, all of them decrypt.
"""

import base64
import binascii
import hashlib
import os
import secrets
import stat
from collections.abc import Collection, Sequence
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gerance.kernel.private_files import create_private, replace_private
from gerance.kernel.settings import Settings, SettingsError, load_settings

PREFIX = "enc:1:"
FILE = "secret_key"
OF_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_KEY_BYTES, _NONCE_BYTES = 32, 12


class SecretKeyError(SettingsError):
    """A key is missing, malformed or does not fit; the message says what to do."""


def new_key() -> str:
    """A new random key, as the file and the variable hold it."""
    return base64.urlsafe_b64encode(secrets.token_bytes(_KEY_BYTES)).decode()


class Keyring:
    """The keys of this process: of `secret_key`, else the lines of `secret_key_file`.

    The file is read again when it changes, so that a rotation needs no restart.
    """

    def __init__(self, settings: Settings) -> None:
        self.path = settings.secret_key_file or settings.home / FILE
        self.in_file = not settings.secret_key
        self._ciphers: dict[str, AESGCM] = {}
        self._read: tuple[int, int] | None = None
        if not self.in_file:
            self._ciphers = _ciphers(settings.secret_key, "secret_key (GERANCE_SECRET_KEY)")

    @property
    def source(self) -> str:
        """Where the keys are, for people."""
        return str(self.path) if self.in_file else "GERANCE_SECRET_KEY"

    def ids(self) -> list[str]:
        """The ids of the keys, the one that encrypts first."""
        self._refresh()
        return list(self._ciphers)

    def create(self) -> None:
        """Make the first key, unless there is one."""
        if self.in_file:
            create_private(self.path, f"{new_key()}\n".encode())

    def add_first(self) -> None:
        """Make a new key, which encrypts from now on; those before it still decrypt."""
        stored_keys = self.path.read_text()
        replace_private(self.path, f"{new_key()}\n{stored_keys}".encode())

    def forget(self, needed_ids: Collection[str]) -> list[str]:
        """Remove the keys that neither encrypt nor have one of these ids; the ids of those."""
        lines = self.path.read_text().split()
        remaining_keys = [
            line for line in lines if line == lines[0] or _id(_decoded(line)) in needed_ids
        ]
        replace_private(self.path, "".join(f"{line}\n" for line in remaining_keys).encode())
        return [_id(_decoded(line)) for line in lines if line not in remaining_keys]

    def encrypt(self, place: str, row: str, value: str) -> str:
        """The value as it is stored. `place`, `row`: where, which decrypting must name again."""
        self._refresh()
        if not self._ciphers:
            raise SecretKeyError(
                f"There is no key to encrypt secrets with: {self.path} is missing. Run `gerance"
                " secrets encrypt` to make the first one."
            )
        name, cipher = next(iter(self._ciphers.items()))
        nonce = os.urandom(_NONCE_BYTES)
        sealed = nonce + cipher.encrypt(nonce, value.encode(), f"{place}:{row}".encode())
        return f"{PREFIX}{name}:{base64.b64encode(sealed).decode()}"

    def decrypt(self, place: str, row: str, stored: str) -> str:
        """The value that was encrypted there. Raises SecretKeyError."""
        if not stored.startswith(PREFIX):
            return stored
        name, _, key_text = stored.removeprefix(PREFIX).partition(":")
        if name not in self._ciphers:
            self._refresh()
        if (cipher := self._ciphers.get(name)) is None:
            raise self.missing([name])
        try:
            sealed = base64.b64decode(key_text, validate=True)
            nonce, text = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
            return cipher.decrypt(nonce, text, f"{place}:{row}".encode()).decode()
        except (InvalidTag, binascii.Error, ValueError) as damaged:
            raise SecretKeyError(
                f"The stored {place} of {row} is damaged, or was copied from another row."
            ) from damaged

    def missing(self, ids: Sequence[str]) -> SecretKeyError:
        """What to say when secrets are encrypted with keys that are not here."""
        return SecretKeyError(
            f"Secrets in the database are encrypted with a key (id {', '.join(ids)}) that is not in"
            f" {self.source}. Restore that key from its backup, or set GERANCE_SECRET_KEY."
        )

    def _refresh(self) -> None:
        if not self.in_file:
            return
        try:
            state = self.path.stat()
        except FileNotFoundError:
            self._ciphers, self._read = {}, None
            return
        if self._read != (version := (state.st_mtime_ns, state.st_ino)):
            # What another owner mounts (a container's secret) is that owner's to protect.
            if state.st_mode & OF_OTHERS and state.st_uid == os.geteuid():
                raise SecretKeyError(
                    f"{self.path} is open to others than its owner (mode"
                    f" {stat.S_IMODE(state.st_mode):04o}). Run `chmod 600 {self.path}`. If others"
                    " may have read it, replace the key with `gerance secrets rotate` after that."
                )
            self._ciphers = _ciphers(self.path.read_text().split(), str(self.path))
            self._read = version


_keyring: Keyring | None = None


def use(settings: Settings) -> Keyring:
    """Make the keys of these settings those of the process."""
    global _keyring
    _keyring = Keyring(settings)
    _decrypted.cache_clear()
    return _keyring


def keyring() -> Keyring:
    """The keys of the process, by default those of its settings."""
    return _keyring or use(load_settings())


def encrypt(place: str, row: str, value: str) -> str:
    """The value as it is stored at `place` (a table's column) of `row`."""
    return keyring().encrypt(place, row, value)


def encrypt_bytes(place: str, row: str, value: bytes) -> bytes:
    """The same for a column of bytes."""
    return encrypt(place, row, value.hex()).encode()


def decrypt(place: str, row: str, stored: str) -> str:
    """The value that `encrypt` stored. Values that were read before cost a look-up."""
    return _decrypted(place, row, stored) if stored.startswith(PREFIX) else stored


def decrypt_bytes(place: str, row: str, stored: bytes) -> bytes:
    """The value that `encrypt_bytes` stored."""
    if not stored.startswith(PREFIX.encode()):
        return stored
    return bytes.fromhex(decrypt(place, row, stored.decode()))


@lru_cache(maxsize=8192)
def _decrypted(place: str, row: str, stored: str) -> str:
    return keyring().decrypt(place, row, stored)


def _ciphers(lines: Sequence[str], source: str) -> dict[str, AESGCM]:
    try:
        keys = [_decoded(line) for line in lines]
    except ValueError:
        # What is there is not told: it may be nearly a key.
        raise SecretKeyError(
            f"{source}: expected keys as `gerance secrets new-key` prints them, one a line or by"
            " comma, the one that encrypts first"
        ) from None
    return {_id(key): AESGCM(key) for key in keys}


def _decoded(line: str) -> bytes:
    key = base64.urlsafe_b64decode(line)
    if len(key) != _KEY_BYTES:
        raise ValueError("a key of another length")
    return key


def _id(key: bytes) -> str:
    return hashlib.sha256(b"gerance secret key\x00" + key).hexdigest()[:8]
