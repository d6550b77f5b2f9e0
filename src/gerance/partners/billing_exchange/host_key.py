"""The key by which clients know this SFTP server: made once, kept in the home."""

from pathlib import Path

import asyncssh

from gerance.kernel.private_files import create_private

FILE = "sftp_host_key"


def host_key(home: Path) -> asyncssh.SSHKey:
    """The key in the home, made by whoever asks first; only this account may read it.

    Raises OSError and asyncssh.KeyImportError when what is there cannot be used.
    """
    path = home / FILE
    if not path.exists():
        key = asyncssh.generate_private_key("ssh-ed25519", comment="gerance")
        create_private(path, key.export_private_key())
    return asyncssh.read_private_key(path)
