"""The SFTP server of partners: login, limits and files.

Shells, commands, forwarding and compression are disabled. (A small compressed packet could expand
to any size.) The one command is `scp`, which the library serves itself, from the same files.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

import asyncssh
import structlog
from asyncssh.channel import SSHChannel
from asyncssh.stream import SSHServerStreamSession

from gerance.kernel.db import Pool
from gerance.kernel.errors import Rejection
from gerance.kernel.identity.security_log import record
from gerance.kernel.limits.address import UNKNOWN, network_of, normal_address
from gerance.kernel.transactions import PASSING
from gerance.partners.billing_exchange.access import code_by_key, code_by_password, may_stay
from gerance.partners.billing_exchange.folders import Folder
from gerance.partners.billing_exchange.sftp_files import PartnerFiles

log = structlog.get_logger("gerance.sftp")

LOGIN_SECONDS = 30
IDLE_SECONDS = 600.0
LONGEST_SECONDS = 4 * 3600.0
"""The maximum duration of a connection."""
ASK_SECONDS = 60.0
"""The interval at which a connection checks that its partner is still enabled."""
MOST_CONNECTIONS = 100
MOST_PER_ADDRESS = 20
MOST_SESSIONS = 4
"""The maximum number of SFTP sessions of a connection."""
MOST_PASSWORDS = 5
MOST_KEYS = 20
"""The passwords and public keys that a connection may try."""
LONGEST_LOGIN = 128
VERSION = "Gerance"


class ServerState:
    """The state that all connections of a server share."""

    def __init__(self, pool: Pool, root: Path) -> None:
        self.pool = pool
        self.root = root
        self.pending: Counter[str] = Counter()
        self.connections: Counter[str] = Counter()


@asynccontextmanager
async def sftp_server(
    pool: Pool, root: Path, host_keys: Sequence[asyncssh.SSHKey], *, host: str, port: int
) -> AsyncIterator[int]:
    """Serve the folders below `root` to the partners of the database. Yields the port.

    Raises OSError when the port is not available.
    """
    asyncssh.set_log_level("WARNING")
    state = ServerState(pool, root)
    acceptor = await asyncssh.create_server(
        lambda: PartnerLogin(state),
        host,
        port,
        server_host_keys=list(host_keys),
        server_version=VERSION,
        login_timeout=LOGIN_SECONDS,
        keepalive_interval=60,
        keepalive_count_max=3,
        compression_algs=["none"],
        agent_forwarding=False,
        x11_forwarding=False,
        allow_pty=False,
        host_based_auth=False,
        gss_host=None,
        rdns_lookup=False,
        reuse_address=True,
        backlog=MOST_CONNECTIONS,
    )
    try:
        yield acceptor.get_port()
    finally:
        acceptor.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(2):
                await acceptor.wait_closed()


class PartnerLogin(asyncssh.SSHServer):
    """A connection: its login, and its deadline."""

    def __init__(self, state: ServerState) -> None:
        self._state = state
        self._codes: dict[str, str] = {}
        self._attempts: Counter[str] = Counter()
        self._sessions = 0
        self._watch: asyncio.Task[None] | None = None
        self._is_counted = False
        self._logged_in = False

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn
        peer = str((conn.get_extra_info("peername") or ("",))[0])
        self._address = normal_address(peer) or UNKNOWN
        counts = self._state.connections
        if (
            counts.total() >= MOST_CONNECTIONS
            or counts[network_of(self._address)] >= MOST_PER_ADDRESS
        ):
            conn.abort()
            return
        counts[network_of(self._address)] += 1
        self._is_counted = True
        self._touched_at = asyncio.get_running_loop().time()
        self._watch = asyncio.ensure_future(self._until_idle())

    def connection_lost(self, exc: Exception | None) -> None:
        if self._watch is not None:
            self._watch.cancel()
        if self._attempts["key"] and not self._attempts["password"] and not self._logged_in:
            record(
                "login_failed",
                door="sftp",
                principal=self._connection.get_extra_info("username"),
                address=self._address,
                cause="unknown key",
            )
        if self._is_counted:
            self._state.connections[network_of(self._address)] -= 1

    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return True

    def public_key_auth_supported(self) -> bool:
        return True

    async def validate_password(self, username: str, password: str) -> bool:
        """Whether the password is right. Wrong ones are throttled as in other logins."""
        if not self._may_try("password", MOST_PASSWORDS) or len(username) > LONGEST_LOGIN:
            return False
        try:
            code = await code_by_password(self._state.pool, username, password, self._address)
        except Rejection:
            return False
        return self._accept_login(username, code)

    async def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        """Whether it is a key of the partner. The library verifies the client's signature."""
        if not self._may_try("key", MOST_KEYS) or len(username) > LONGEST_LOGIN:
            return False
        code = await code_by_key(self._state.pool, username, key, self._address)
        return self._accept_login(username, code)

    def auth_completed(self) -> None:
        self._logged_in = True
        log.info("logged in", partner=self._code(), address=self._address)

    def session_requested(self) -> "SSHServerStreamSession[bytes] | bool":
        if self._sessions >= MOST_SESSIONS:
            return False
        self._sessions += 1
        return _Session(self)

    def session_over(self) -> None:
        """Called when an SFTP session of the connection has ended."""
        self._sessions -= 1

    def note_activity(self) -> None:
        """Called with each request: the connection is not idle."""
        self._touched_at = asyncio.get_running_loop().time()

    def files(
        self, channel: "asyncssh.SSHServerChannel[bytes]", session: "_Session"
    ) -> PartnerFiles:
        """The partner's folder for a session."""
        folder = Folder(self._state.root, self._code())
        folder.prepare()
        return PartnerFiles(
            channel,
            folder=folder,
            pending=self._state.pending,
            has_ended=lambda: session.ended,
            on_request=self.note_activity,
        )

    def _code(self) -> str:
        """The partner as which the client is authenticated."""
        return self._codes[self._connection.get_extra_info("username")]

    def _accept_login(self, username: str, code: str | None) -> bool:
        if code is None:
            return False
        self._codes[username] = code
        return True

    def _may_try(self, means: str, most: int) -> bool:
        self._attempts[means] += 1
        if self._attempts[means] <= most:
            return True
        self._connection.disconnect(
            asyncssh.DISC_NO_MORE_AUTH_METHODS_AVAILABLE, "Too many failed logins"
        )
        return False

    async def _until_idle(self) -> None:
        clock = asyncio.get_running_loop().time
        end = clock() + LONGEST_SECONDS
        while (remaining_seconds := min(self._touched_at + IDLE_SECONDS, end) - clock()) > 0:
            await asyncio.sleep(min(remaining_seconds, ASK_SECONDS))
            if not await self._may_stay():
                break
        self._connection.disconnect(
            asyncssh.DISC_BY_APPLICATION, "Idle for too long, or access disabled"
        )

    async def _may_stay(self) -> bool:
        """Whether its partner still has access; also True when the database does not answer."""
        code = self._codes.get(self._connection.get_extra_info("username", ""))
        try:
            return code is None or await may_stay(self._state.pool, code)
        except PASSING:
            return True


class _Session(SSHServerStreamSession[bytes]):
    """A channel for SFTP or scp only.

    `ended`: its client sends nothing more, because it closed the channel or the connection broke.
    """

    def __init__(self, login: PartnerLogin) -> None:
        super().__init__(None, self._files, 3, True)
        self._login = login
        self.ended = False

    def _files(self, channel: SSHChannel[bytes]) -> PartnerFiles:
        return self._login.files(cast("asyncssh.SSHServerChannel[bytes]", channel), self)

    def shell_requested(self) -> bool:
        return False

    def subsystem_requested(self, subsystem: str) -> bool:
        return subsystem == "sftp"

    def eof_received(self) -> bool:
        self.ended = True
        return super().eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        self.ended = True
        self._login.session_over()
        super().connection_lost(exc)
