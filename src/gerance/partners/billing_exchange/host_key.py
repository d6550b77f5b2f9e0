"""The host key by which clients recognise this SFTP server: created once, stored in the home."""

from pathlib import Path

import asyncssh

from gerance.kernel.private_files import create_private

FILE = "sftp_host_key"


def host_key(home: Path) -> asyncssh.SSHKey:
    """Load the key in the home, or create it on the first call; only this account may read it.

    Raises OSError and asyncssh.KeyImportError when what is there cannot be used.
    """
    path = home / FILE
    if not path.exists():
        key = asyncssh.generate_private_key("ssh-ed25519", comment="gerance")
        create_private(path, key.export_private_key())
    return asyncssh.read_private_key(path)
