"""The host keys by which clients recognise this SFTP server: created once, stored in the home.

Programs of many companies know no Ed25519: the libraries of Java and .NET that they have need an
ECDSA or an RSA key.
"""

from pathlib import Path

import asyncssh

from gerance.kernel.private_files import create_private

FILES = {
    "ssh-ed25519": "sftp_host_key",
    "ecdsa-sha2-nistp256": "sftp_host_key_ecdsa",
    "ssh-rsa": "sftp_host_key_rsa",
}
"""The file in the home of each kind of key."""
RSA_BITS = 3072


def host_keys(home: Path) -> list[asyncssh.SSHKey]:
    """A key of each kind, the preferred one first. Raises as `host_key` does."""
    return [host_key(home, kind) for kind in FILES]


def host_key(home: Path, kind: str = "ssh-ed25519") -> asyncssh.SSHKey:
    """Load the key in the home, or create it on the first call; only this account may read it.

    Raises OSError and asyncssh.KeyImportError when what is there cannot be used.
    """
    path = home / FILES[kind]
    if not path.exists():
        options = {"key_size": RSA_BITS} if kind == "ssh-rsa" else {}
        key = asyncssh.generate_private_key(kind, comment="gerance", **options)
        create_private(path, key.export_private_key())
    return asyncssh.read_private_key(path)
