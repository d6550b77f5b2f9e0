"""Resolves host names on threads of its own, so that slow name servers do not block the event loop.

The loop's own resolver has few threads (four with uvloop) that all callers share: endpoints whose
name servers never answer would occupy all of them.
"""

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor

from aiohttp.abc import AbstractResolver, ResolveResult

from gerance.kernel.webhooks.guard import ForbiddenTarget, Guard

THREADS = 32


class Names(AbstractResolver):
    """Resolves names with the system's `getaddrinfo`, on threads of its own."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="webhook-names")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The addresses of `host`, in the order to try them. Raises OSError when there are none."""
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
        """Resolve no further names. Queries in progress end without being awaited."""
        self._threads.shutdown(wait=False, cancel_futures=True)


class CheckedNames(AbstractResolver):
    """The addresses that `names` returns, without those that are forbidden.

    The check at the socket is what protects. This check selects an allowed address of a name that
    has several, and gives a rejection its reason.
    """

    def __init__(self, names: AbstractResolver, guard: Guard) -> None:
        self._names = names
        self._guard = guard

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """As `Names.resolve`. Raises ForbiddenTarget when no address is left."""
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
