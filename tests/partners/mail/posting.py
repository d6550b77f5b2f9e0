"""A server that takes mail, and clients that send some."""

import asyncio
import smtplib
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import date
from typing import Any, TypeVar

from tests.waiting import PATIENCE

from gerance.kernel.db import open_pool
from gerance.partners.mail.connection_limits import ConnectionLimits
from gerance.partners.mail.smtp_server import MailRules, Receiver, listening

T = TypeVar("T")
TODAY = date(2026, 11, 22)
OURS = "partenaires@gerance.example"


def no_keys(name: bytes, timeout: float = 1.0) -> bytes | None:
    """A name server that knows nothing."""
    return None


def rules(**changes: Any) -> MailRules:
    given = {
        "recipients": (OURS, "@mail.gerance.example"),
        "require_dkim": False,
        "trusted_server": None,
        "texts": no_keys,
    }
    return MailRules(**given | changes)


@asynccontextmanager
async def posted(
    database: str,
    made: MailRules,
    *,
    max_bytes: int = 200_000,
    tls: ssl.SSLContext | None = None,
    doors: ConnectionLimits | None = None,
) -> AsyncIterator[int]:
    """The port of a server that takes mail as the rules say."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        async with (
            open_pool(database, size=4, statement_timeout_ms=30_000) as pool,
            listening(
                Receiver(pool, made, lambda: TODAY), listener,
                max_bytes=max_bytes, tls=tls, limits=doors,
            ),
        ):  # fmt: skip
            yield listener.getsockname()[1]


def with_server(
    database: str, act: Callable[[int], T], made: MailRules | None = None, **options: Any
) -> T:
    """What `act`, which may block, gives while a server is at the port that it gets."""

    async def acted() -> T:
        async with posted(database, made or rules(), **options) as port:
            return await asyncio.to_thread(act, port)

    return asyncio.run(acted())


def sent(
    port: int,
    content: bytes,
    *,
    mail_from: str = "jeanne@foussier.example",
    to: str = OURS,
) -> tuple[int, str]:
    """The code and the text of the answer to a message."""
    with smtplib.SMTP("127.0.0.1", port, timeout=PATIENCE) as client:
        client.ehlo()
        for code, text in (client.mail(mail_from), client.rcpt(to)):
            if code >= 400:
                return code, text.decode()
        code, text = client.data(content)
        return code, text.decode()


def send(
    database: str, content: bytes, made: MailRules | None = None, **more: Any
) -> tuple[int, str]:
    """The answer of a server that is there for this message only."""
    return with_server(database, lambda port: sent(port, content, **more), made)


def at_once(database: str, calls: list[Callable[[int], T]], **options: Any) -> list[T]:
    """What they give, all under way at the same time."""

    async def acted() -> list[T]:
        # Threads of their own: the server needs some too.
        with ThreadPoolExecutor(len(calls)) as threads:
            async with posted(database, rules(), **options) as port:
                loop = asyncio.get_running_loop()
                waiting = [loop.run_in_executor(threads, call, port) for call in calls]
                return await asyncio.gather(*waiting)

    return asyncio.run(acted())
