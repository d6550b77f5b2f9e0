"""Servers of partners, to which files are pushed: FTP, FTP over TLS, SFTP."""

import asyncio
import logging
import socket
import ssl
import threading
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

import asyncssh

with warnings.catch_warnings():
    # Python 3.11 has the module that it stands on, and says that it will go.
    warnings.simplefilter("ignore", DeprecationWarning)
    from pyftpdlib.authorizers import DummyAuthorizer
    from pyftpdlib.handlers import FTPHandler
    from pyftpdlib.servers import ThreadedFTPServer

USER, PASSWORD = "gerance", "pa55 w0rd of the far side"


@contextmanager
def ftp_server(root: Path) -> Iterator[int]:
    """The port of an FTP server over a directory."""
    logging.getLogger("pyftpdlib").setLevel(logging.CRITICAL)
    authorizer = DummyAuthorizer()
    authorizer.add_user(USER, PASSWORD, str(root), perm="elradfmw")
    handler = type("Handler", (FTPHandler,), {"authorizer": authorizer, "auth_failed_timeout": 0})
    server = ThreadedFTPServer(("127.0.0.1", 0), handler)
    stopped = threading.Event()

    def serve() -> None:
        # Closed by the thread that polls: closing what another one polls breaks it now and then.
        while not stopped.is_set():
            server.serve_forever(timeout=0.05, blocking=False)
        server.close_all()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield server.address[1]
    finally:
        stopped.set()
        thread.join(5)


@contextmanager
def ftps_server(root: Path, certificate: Path, key: Path) -> Iterator[int]:
    """The port of a small FTP server that stores files over TLS alone, and wants the session of the
    control connection on data connections, as vsftpd does."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    # Tickets of TLS 1.3 come when they like; a session of 1.2 is known after the handshake.
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_serve, args=(listener, root, context), daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(5)


def _serve(listener: socket.socket, root: Path, context: ssl.SSLContext) -> None:
    while True:
        try:
            client, _ = listener.accept()
        except OSError:
            return
        with suppress(OSError, EOFError):
            _Conversation(client, root, context).hold()


class _Conversation:
    """One client after the other: what it says, and what is answered."""

    def __init__(self, client: socket.socket, root: Path, context: ssl.SSLContext) -> None:
        self.client, self.root, self.context = client, root, context
        self.private = False
        self.renamed = ""

    def hold(self) -> None:
        self.say("220 ready")
        while line := self.heard():
            command, _, argument = line.partition(" ")
            if command.upper() == "QUIT":
                self.say("221 bye")
                break
            getattr(self, command.lower(), self.unknown)(argument)
        self.client.close()

    def heard(self) -> str:
        line = b""
        while not line.endswith(b"\r\n"):
            if not (more := self.client.recv(1)):
                return ""
            line += more
        return line.decode().strip()

    def say(self, text: str) -> None:
        self.client.sendall(f"{text}\r\n".encode())

    def unknown(self, argument: str) -> None:
        self.say("500 what?")

    def auth(self, argument: str) -> None:
        self.say("234 go on")
        self.client = self.context.wrap_socket(self.client, server_side=True)
        self.private = True

    def user(self, argument: str) -> None:
        self.say("331 password?" if self.private else "530 by TLS alone")

    def pass_(self, argument: str) -> None:
        self.say("230 welcome" if argument == PASSWORD else "530 no")

    def pbsz(self, argument: str) -> None:
        self.say("200 fine")

    prot = type = cwd = pbsz

    def pasv(self, argument: str) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        port = self.listener.getsockname()[1]
        self.say(f"227 Entering Passive Mode (127,0,0,1,{port // 256},{port % 256})")

    def stor(self, argument: str) -> None:
        self.say("150 send it")
        with (
            self.listener,
            self.context.wrap_socket(self.listener.accept()[0], server_side=True) as data,
        ):
            content = b""
            with suppress(ssl.SSLEOFError):
                while more := data.recv(65536):
                    content += more
            if not data.session_reused:
                self.say("522 the session must be the same")
                return
            data.unwrap()
        (self.root / argument).write_bytes(content)
        self.say("226 stored")

    def rnfr(self, argument: str) -> None:
        self.renamed = argument
        self.say("350 to what?")

    def rnto(self, argument: str) -> None:
        (self.root / self.renamed).rename(self.root / argument)
        self.say("250 renamed")


setattr(_Conversation, "pass", _Conversation.pass_)


@asynccontextmanager
async def sftp_server(root: Path, key: asyncssh.SSHKey) -> AsyncIterator[int]:
    """The port of an SFTP server over a directory."""

    class Login(asyncssh.SSHServer):
        def begin_auth(self, username: str) -> bool:
            return True

        def password_auth_supported(self) -> bool:
            return True

        def validate_password(self, username: str, password: str) -> bool:
            return (username, password) == (USER, PASSWORD)

    server = await asyncssh.create_server(
        Login,
        "127.0.0.1",
        0,
        server_host_keys=[key],
        sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=str(root).encode()),
    )
    try:
        yield server.get_port()
    finally:
        server.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(1):
                await server.wait_closed()
