"""The e-mail addresses and domains from which a partner may send requests."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from gerance.kernel.db import Connection
from gerance.kernel.errors import Rejection
from gerance.kernel.fold import fold
from gerance.kernel.identity.accounts import audit
from gerance.partners.programme.names import require_partner

MOST_SENDERS = 100

_LOCAL = re.compile(r"[^\s<>()\[\]\\,;:\"@]{1,64}")
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")


class PartnerNames(NamedTuple):
    """A partner with the names that subjects may use."""

    code: str
    names: Sequence[str]

    def is_called(self, name: str) -> bool:
        """Whether the name is its code, name or a brand, ignoring accents and case."""
        folded_name = fold(" ".join(name.split()))
        return any(fold(each) == folded_name for each in (self.code, *self.names))


def normalize_sender(text: str) -> str:
    """An address (`jeanne@foussier.example`) or domain (`@foussier.example`) in lower case. Raises
    Rejection (`SenderRefused`)."""
    local, _, domain = text.strip().lower().rpartition("@")
    if (
        len(domain) > 253
        or not _DOMAIN.fullmatch(domain)
        or (local and not _LOCAL.fullmatch(local))
    ):
        raise Rejection(
            "SenderRefused",
            f"{text[:100]!r} is not an address like jeanne@foussier.example, or a domain like"
            " @foussier.example.",
        )
    return f"{local}@{domain}"


async def add_sender(
    connection: Connection, code: str, sender: str, *, actor: str = "operator"
) -> str:
    """Accept requests of the partner from a sender; returns it as stored.

    Raises Rejection: unknown partner, `SenderRefused`.
    """
    sender = normalize_sender(sender)
    async with connection.transaction():
        await require_partner(connection, code)
        if len(senders := await senders_of(connection, code)) >= MOST_SENDERS:
            raise Rejection("SenderRefused", f"{code} already has {MOST_SENDERS} senders.")
        if sender not in senders:
            await _keep(connection, code, sorted([*senders, sender]))
            await audit(connection, actor, "partner sender added", f"{code} {sender}")
    return sender


async def remove_sender(
    connection: Connection, code: str, sender: str, *, actor: str = "operator"
) -> None:
    """Reject requests from a sender. Raises Rejection: unknown partner, unknown sender."""
    sender = normalize_sender(sender)
    async with connection.transaction():
        await require_partner(connection, code)
        senders = await senders_of(connection, code)
        if sender not in senders:
            raise Rejection("UnknownSender", f"{code} has no sender {sender}.")
        await _keep(connection, code, [each for each in senders if each != sender])
        await audit(connection, actor, "partner sender removed", f"{code} {sender}")


async def senders_of(connection: Connection, code: str) -> list[str]:
    """The senders of a partner, in order. Raises Rejection (`UnknownPartner`)."""
    rows = await connection.execute("SELECT mail_senders FROM partner WHERE code = %s", [code])
    row = await rows.fetchone()
    if row is None:
        raise Rejection("UnknownPartner", f"There is no partner with the code {code}.")
    return list(row[0])


async def partners_of(connection: Connection, sender: str) -> list[PartnerNames]:
    """The enabled partners for which an address may send requests."""
    address = sender.lower()
    rows = await connection.execute(
        "SELECT p.code, ARRAY(SELECT p.name UNION SELECT s.name FROM partner_source s"
        " WHERE s.partner = p.code AND s.active) FROM partner p"
        " WHERE p.mail_senders && %s AND NOT p.disabled ORDER BY p.code",
        [[address, address[address.rindex("@") :]]],
    )
    return [PartnerNames(code, names) for code, names in await rows.fetchall()]


async def _keep(connection: Connection, code: str, senders: Sequence[str]) -> None:
    await connection.execute(
        "UPDATE partner SET mail_senders = %s WHERE code = %s", [list(senders), code]
    )
