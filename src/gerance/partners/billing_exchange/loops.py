"""The background jobs of the file exchange with partners."""

import asyncio
from collections.abc import Callable
from datetime import date

from gerance.kernel.db import Pool
from gerance.kernel.log.writer import Writer
from gerance.kernel.settings import Settings
from gerance.partners.billing_exchange.delivery import deliver_all
from gerance.partners.billing_exchange.push import push_due
from gerance.partners.billing_exchange.returns import Inbox
from gerance.partners.billing_exchange.sftp_service import partners_root

PUSHES = 4
"""Concurrent pushes, so that a slow server delays few others."""


class Exchange:
    """The file exchange with partners."""

    def __init__(
        self, pool: Pool, writer: Writer, settings: Settings, today: Callable[[], date]
    ) -> None:
        self._pool = pool
        self._root = partners_root(settings)
        self._networks = settings.webhook_networks
        self._inbox = Inbox(pool, writer, self._root)
        self._today = today

    async def exchange(self) -> None:
        """Deliver billing files and read return files."""
        await deliver_all(self._pool, self._root)
        await self._inbox.read_all(self._today())

    async def push(self) -> None:
        """Push the files that are due, until there are none."""

        async def until_none() -> None:
            while await push_due(self._pool, self._root, self._networks):
                pass

        await asyncio.gather(*(until_none() for _ in range(PUSHES)))
