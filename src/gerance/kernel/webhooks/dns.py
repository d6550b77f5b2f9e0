"""Names of hosts, resolved beside the event loop without keeping others from it.

The loop's own way has few threads (four with uvloop) that it shares with everybody: endpoints
whose name servers never answer would hold them all.
"""

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor

from aiohttp.abc import AbstractResolver, ResolveResult

from gerance.kernel.webhooks.guard import ForbiddenTarget, Guard

THREADS = 32


class Names(AbstractResolver):
    """What the system's `getaddrinfo` says, asked in threads of its own."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="webhook-names")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Addresses of `host`, in the order to try them; raises OSError when there are none."""
        result = await asyncio.get_running_loop().run_in_executor(
            self._threads, socket.getaddrinfo, host, port, family, socket.SOCK_STREAM
        )
        return [
            ResolveResult(
                hostname=host,
                host=str(address[0]),
                port=port,
                family=each,
                proto=protocol,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for each, _, protocol, _, address in result
        ]

    async def close(self) -> None:
        """Ask nothing further; questions that are asked go on to their end without us."""
        self._threads.shutdown(wait=False, cancel_futures=True)


class CheckedNames(AbstractResolver):
    """What `names` says, without the addresses that are forbidden.

    The check at the socket is the one to rely on. This one lets a name that has an allowed
    address be called there, and gives a rejection its reason where several addresses are raced.
    """

    def __init__(self, names: AbstractResolver, guard: Guard) -> None:
        self._names = names
        self._guard = guard

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """As `Names.resolve`; raises TargetRefused when no address is left."""
        allowed: list[ResolveResult] = []
        first_rejection: ForbiddenTarget | None = None
        for result in await self._names.resolve(host, port, family):
            try:
                self._guard.check_address(result["host"])
            except ForbiddenTarget as rejection:
                first_rejection = first_rejection or rejection
            else:
                allowed.append(result)
        if first_rejection and not allowed:
            raise first_rejection
        return allowed

    async def close(self) -> None:
        """Close `names`."""
        await self._names.close()
