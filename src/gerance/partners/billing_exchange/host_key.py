"""The key by which clients know this SFTP server: made once, kept in the home."""

import contextlib
import os
import secrets
from pathlib import Path

import asyncssh

FILE = "sftp_host_key"


def host_key(home: Path) -> asyncssh.SSHKey:
    """The key in the home, made by whoever asks first; only this account may read it.

    Raises OSError and asyncssh.KeyImportError when what is there cannot be used.
    """
    path = home / FILE
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True)
        made = asyncssh.generate_private_key("ssh-ed25519", comment="gerance")
        temporary = home / f".{FILE}.{secrets.token_hex(8)}"
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with open(descriptor, "wb") as file:
                file.write(made.export_private_key())
                os.fsync(file.fileno())
            # Whoever was faster has made it: theirs counts.
            with contextlib.suppress(FileExistsError):
                os.link(temporary, path)
        finally:
            temporary.unlink()
    return asyncssh.read_private_key(path)
