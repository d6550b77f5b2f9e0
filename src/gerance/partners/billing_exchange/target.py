"""The server to which the files of a partner are pushed: its URL, credentials and keys."""

import ssl
from typing import Literal
from urllib.parse import unquote, urlsplit

import asyncssh
import msgspec

from gerance.kernel.errors import Rejection

Scheme = Literal["sftp", "ftps", "ftp"]
_PORTS = {"sftp": 22, "ftps": 21, "ftp": 21}


class PushTarget(msgspec.Struct, frozen=True, kw_only=True):
    """A push target.

    `host_key`: the public key of an SFTP server, which is required; `ca`: PEM of the authority of
    an FTPS certificate that this machine does not trust. `password` and `private_key` are never
    shown.
    """

    scheme: Scheme
    host: str
    port: int
    user: str
    directory: str
    password: str | None = None
    private_key: str | None = None
    host_key: str | None = None
    ca: str | None = None


def read_target(
    url: str,
    *,
    password: str | None = None,
    private_key: str | None = None,
    host_key: str | None = None,
    ca: str | None = None,
) -> PushTarget:
    """The target of a URL like `sftp://user@host:22/directory`.

    Raises Rejection (`TargetRefused`) with the reason, which never quotes a secret.
    """
    parts = urlsplit(url)
    try:
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        raise _rejection("the port is invalid") from None
    if parts.scheme not in _PORTS:
        raise _rejection("expected sftp://, ftps:// or ftp://")
    if parts.password is not None:
        raise _rejection("a URL must not contain a password: use --password-stdin")
    if not parts.hostname or not parts.username or parts.query or parts.fragment:
        raise _rejection("expected scheme://user@host[:port]/directory")
    user, directory = unquote(parts.username), unquote(parts.path)
    if not (user + directory).isprintable():
        raise _rejection("the user or the directory has invalid characters")
    if parts.scheme == "sftp":
        if host_key is None:
            raise _rejection("the public key of an SFTP server is required (--host-key)")
        host_key = _public_key(host_key)
        if private_key is not None:
            _check_private_key(private_key)
    if parts.scheme != "sftp" and (private_key or host_key):
        raise _rejection("keys are for SFTP servers only")
    if password is None and private_key is None:
        raise _rejection("a password or, for SFTP, a private key is required")
    if ca is not None:
        _check_ca(ca)
    return PushTarget(
        scheme=parts.scheme,  # type: ignore[arg-type]
        host=parts.hostname,
        port=port,
        user=user,
        directory=directory or "/",
        password=password,
        private_key=private_key,
        host_key=host_key,
        ca=ca,
    )


def _public_key(text: str) -> str:
    """A public key in the format of `known_hosts` or `ssh-keyscan`, without the host."""
    line = next((each for each in text.splitlines() if each.strip() and each[0] != "#"), "")
    for candidate in (line, line.partition(" ")[2]):
        try:
            key = asyncssh.import_public_key(candidate)
        except asyncssh.KeyImportError:
            continue
        return " ".join(key.export_public_key("openssh").decode().split()[:2])
    raise _rejection("the server's public key is invalid")


def _check_private_key(text: str) -> None:
    try:
        asyncssh.import_private_key(text)
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError):
        raise _rejection("the private key is invalid, or has a passphrase") from None


def _check_ca(text: str) -> None:
    try:
        ssl.create_default_context(cadata=text)
    except ssl.SSLError:
        raise _rejection("the CA is not a PEM certificate") from None


def _rejection(why: str) -> Rejection:
    return Rejection("TargetRefused", f"This target cannot be used: {why}.")
