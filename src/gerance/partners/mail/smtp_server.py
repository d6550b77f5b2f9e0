"""The SMTP server for requests of partners.

Answers never reveal which senders are registered: a malformed message, subject or signature is
rejected with the reason; all other messages are answered `250`, and the log has the result.
"""

import asyncio
import logging
import re
import ssl
import unicodedata
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import date
from socket import gethostname, socket

import msgspec
import structlog
from aiosmtpd.smtp import SMTP, Envelope, Session

from gerance.kernel.db import Pool
from gerance.kernel.errors import Rejection, reject
from gerance.kernel.transactions import PASSING
from gerance.partners.mail.authenticity import Texts, aligned, is_signed, says_signed
from gerance.partners.mail.connection_limits import ConnectionLimits, GuardedSMTP
from gerance.partners.mail.message import read_head
from gerance.partners.mail.parser import read_request
from gerance.partners.mail.proposal import partner_that_asks, propose
from gerance.partners.mail.subject import read_subject

log = structlog.get_logger("gerance.mail")

MOST_RECIPIENTS = 10
COMMAND_SECONDS = 60.0
MOST_COMMANDS = 20
"""The maximum number of each command in a connection."""
READ_AT_ONCE = 2

_BARE = re.compile(rb"\r(?!\n)|(?<!\r)\n")
_REPLIES = {
    "MailUnreadable": "554 5.6.0",
    "MailNotARequest": "550 5.6.0",
    "MailNotSigned": "550 5.7.20",
    "MailTooMany": "452 4.3.1",
}
_LATER = "451 4.3.0 The message cannot be accepted now, try again later"


class MailRules(msgspec.Struct, frozen=True, kw_only=True):
    """Which messages are accepted. `recipients`: addresses, or @domain for a whole domain;
    `require_dkim`: only those with a valid signature; `trusted_server`: the authserv-id of the
    server in front, if it checks signatures and all mail passes through it; `texts`: looks up the
    keys of signatures."""

    recipients: tuple[str, ...]
    require_dkim: bool
    trusted_server: str | None
    texts: Texts


class Receiver:
    """Turns messages into proposals. The handler of aiosmtpd."""

    def __init__(self, pool: Pool, rules: MailRules, today: Callable[[], date]) -> None:
        self._pool = pool
        self._rules = rules
        self._today = today
        self._reading = asyncio.Semaphore(READ_AT_ONCE)

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, name: str, answers: list[str]
    ) -> list[str]:
        """Remove AUTH and HELP from the answer: neither is supported."""
        session.host_name = name
        lines = [each for each in answers[:-1] if not each.startswith("250-AUTH")]
        return [*lines[:-1], lines[-1].replace("250-", "250 ", 1)]

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Accept our recipients only: nothing is relayed."""
        if len(envelope.rcpt_tos) >= MOST_RECIPIENTS:
            return "452 4.5.3 Too many recipients"
        if not self._is_ours(address):
            return "550 5.7.1 Not a recipient of this server; relaying denied"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Accept the message, or answer with the reason of its rejection."""
        content, mail_from = envelope.content, envelope.mail_from or ""
        assert isinstance(content, bytes)
        try:
            await self._take(content, mail_from)
        except Rejection as rejection:
            log.info("mail refused", code=rejection.code, mail_from=mail_from)
            both = f"{rejection.message} / {rejection.text('fr')}"
            return f"{_REPLIES.get(rejection.code, '550 5.6.0')} {_plain(both)}"
        except PASSING as failure:
            log.warning("mail not taken; the sender tries again", reason=str(failure))
            return _LATER
        return "250 2.0.0 Received"

    async def handle_exception(self, error: Exception) -> str:
        """Log an internal error without revealing it."""
        log.error("mail not taken", exc_info=error)
        return _LATER

    async def _take(self, content: bytes, mail_from: str) -> None:
        """Create a proposal if the sender is registered.

        The sender is looked up last, after all checks whose rejections have a reason.
        """
        if _BARE.search(content):
            raise reject("MailUnreadable", "line")
        head = read_head(content)
        read_subject(head.subject)
        sender = head.sender
        async with self._reading:
            authenticity = await self._authenticity(content, sender, mail_from)
            request = await asyncio.to_thread(read_request, content, self._today())
        try:
            async with self._pool.connection() as connection:
                partner = await partner_that_asks(connection, content)
                proposal = await propose(connection, partner, request, authenticity)
        except Rejection as rejection:
            if rejection.code == "MailTooMany" and authenticity != "none":
                raise  # The sender has signed it, so the answer reveals nothing.
            log.warning(
                "mail discarded", code=rejection.code, reason=rejection.message, sender=sender,
                mail_from=mail_from, authenticity=authenticity,
            )  # fmt: skip
            return
        log.info(
            "mail taken", partner=partner, proposal=proposal.number, new=proposal.new,
            sender=sender, authenticity=authenticity,
        )  # fmt: skip

    async def _authenticity(self, content: bytes, sender: str, mail_from: str) -> str:
        """How the sender is authenticated. Raises Rejection (`MailNotSigned`)."""
        server_id = self._rules.trusted_server
        if server_id is not None and says_signed(content, sender, server_id):
            return f"dkim, as {server_id} says"
        if await asyncio.to_thread(is_signed, content, sender, self._rules.texts):
            return "dkim"
        domain = sender.rpartition("@")[2]
        if self._rules.require_dkim:
            raise reject("MailNotSigned", "signature", domain=domain)
        if not aligned(mail_from.rpartition("@")[2], sender):
            raise reject("MailNotSigned", "envelope", domain=domain)
        return "none"

    def _is_ours(self, address: str) -> bool:
        recipient = address.lower()
        return any(
            recipient.endswith(each) if each.startswith("@") else recipient == each
            for each in self._rules.recipients
        )


@asynccontextmanager
async def listening(
    receiver: Receiver,
    listener: socket,
    *,
    max_bytes: int,
    tls: ssl.SSLContext | None,
    limits: ConnectionLimits | None = None,
) -> AsyncIterator[None]:
    """Receive mail on a bound socket within the block. Connections are closed at its end."""
    # aiosmtpd logs each connection, and message bodies at debug level.
    logging.getLogger("mail.log").setLevel(logging.ERROR)
    loop = asyncio.get_running_loop()
    connection_limits = limits or ConnectionLimits()

    def connection() -> GuardedSMTP:
        return GuardedSMTP(
            receiver, connection_limits, loop=loop, data_size_limit=max_bytes,
            hostname=gethostname(), ident="Gerance", tls_context=tls, timeout=COMMAND_SECONDS,
            enable_SMTPUTF8=True, command_call_limit=MOST_COMMANDS,
        )  # fmt: skip

    server = await loop.create_server(connection, sock=listener)
    try:
        yield
    finally:
        server.close()
        connection_limits.close()
        await server.wait_closed()


def _plain(text: str) -> str:
    """The text in ASCII on one line, for any mail server."""
    decomposed = unicodedata.normalize("NFKD", text.replace("–", "-"))
    letters = decomposed.encode("ascii", "ignore").decode()
    return " ".join("".join(c if c.isprintable() else " " for c in letters).split())[:480]
