"""Upload of files to a partner's server: under a temporary name, then renamed, so that the partner
never reads an incomplete file."""

import asyncio
import ftplib
import posixpath
import socket
import ssl
from collections.abc import Callable
from typing import BinaryIO

import asyncssh

from gerance.kernel.webhooks.guard import ForbiddenTarget
from gerance.partners.billing_exchange.target import PushTarget

SECONDS = 30.0
"""The timeout of each step."""
LONGEST_SECONDS = 600.0
"""The timeout of one push."""
_BLOCK = 256 * 1024
_FAILURES = (OSError, EOFError, asyncssh.Error, ftplib.Error)

CheckAddress = Callable[[str], None]
"""Raises an exception for a forbidden IP address."""


class SendError(Exception):
    """A file was not sent. The message gives the reason, without secrets."""


async def send(
    target: PushTarget, files: list[tuple[str, BinaryIO]], check_address: CheckAddress
) -> None:
    """Send the files in their order. Raises SendError."""
    try:
        async with asyncio.timeout(LONGEST_SECONDS):
            address = await _address(target, check_address)
            if target.scheme == "sftp":
                await _by_sftp(target, address, files)
            else:
                await asyncio.to_thread(_by_ftp, target, address, files)
    except SendError:
        raise
    except TimeoutError:
        raise SendError("it took too long") from None
    except _FAILURES as failure:
        raise SendError(_describe_failure(failure, target)) from failure


async def _address(target: PushTarget, check_address: CheckAddress) -> str:
    """An allowed address of the server, to which the connection is then made."""
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(SECONDS):
        addresses = await loop.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    rejection = "its name has no address"
    for *_, address in addresses:
        try:
            check_address(str(address[0]))
        except ForbiddenTarget as error:
            rejection = str(error)
            continue
        return str(address[0])
    raise SendError(rejection)


async def _by_sftp(target: PushTarget, address: str, files: list[tuple[str, BinaryIO]]) -> None:
    assert target.host_key is not None
    keys = [] if target.private_key is None else [asyncssh.import_private_key(target.private_key)]
    async with (
        asyncssh.connect(
            address,
            target.port,
            username=target.user,
            password=target.password,
            client_keys=keys or None,
            known_hosts=([asyncssh.import_public_key(target.host_key)], [], []),
            config=None,
            agent_path=None,
            connect_timeout=SECONDS,
            login_timeout=SECONDS,
            keepalive_interval=15,
        ) as connection,
        connection.start_sftp_client() as sftp,
    ):
        for name, file in files:
            temporary = posixpath.join(target.directory, f".{name}.part")
            final = posixpath.join(target.directory, name)
            async with sftp.open(temporary, "wb") as remote:
                while block := file.read(_BLOCK):
                    await remote.write(block)
            try:
                await sftp.posix_rename(temporary, final)
            except asyncssh.SFTPOpUnsupported:
                if await sftp.exists(final):
                    await sftp.remove(final)
                await sftp.rename(temporary, final)


def _by_ftp(target: PushTarget, address: str, files: list[tuple[str, BinaryIO]]) -> None:
    ftp = _Tls(_context(target)) if target.scheme == "ftps" else _Plain()
    with ftp:
        ftp.connect_to(target.host, address, target.port)
        ftp.login(target.user, target.password or "")
        if isinstance(ftp, _Tls):
            ftp.prot_p()
        ftp.cwd(target.directory)
        for name, file in files:
            temporary = f".{name}.part"
            ftp.storbinary(f"STOR {temporary}", file, _BLOCK)
            try:
                ftp.rename(temporary, name)
            except ftplib.error_perm:
                # Some servers do not rename over a file that is there.
                ftp.delete(name)
                ftp.rename(temporary, name)


def _context(target: PushTarget) -> ssl.SSLContext:
    return ssl.create_default_context(cadata=target.ca)


class _Plain(ftplib.FTP):
    """FTP to the address that was checked, whatever the name resolves to now."""

    def connect_to(self, host: str, address: str, port: int) -> None:
        self.timeout = SECONDS
        self.host, self.port = host, port
        self.sock = socket.create_connection((address, port), SECONDS)
        self.af = self.sock.family
        self.file = self.sock.makefile("r", encoding=self.encoding)
        self.welcome = self.getresp()


class _Tls(ftplib.FTP_TLS, _Plain):
    """FTP with explicit TLS. Data connections reuse the session of the control connection."""

    def __init__(self, context: ssl.SSLContext) -> None:
        super().__init__(context=context, timeout=SECONDS)

    def ntransfercmd(
        self, cmd: str, rest: int | str | None = None
    ) -> tuple[socket.socket, int | None]:
        connection, size = ftplib.FTP.ntransfercmd(self, cmd, rest)  # noqa: S321
        assert isinstance(self.sock, ssl.SSLSocket)
        tls_socket = self.context.wrap_socket(
            connection, server_hostname=self.host, session=self.sock.session
        )
        return tls_socket, size


def _describe_failure(failure: BaseException, target: PushTarget) -> str:
    """The reason on one line of bounded length, without the password if a server repeats it."""
    why = " ".join(str(failure).split()) or type(failure).__name__
    if target.password:
        why = why.replace(target.password, "***")
    return why[:300]
