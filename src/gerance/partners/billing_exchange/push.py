"""Pushes of billing files to the partners' own servers, retried for a day.

A push is claimed under a lease: after a kill, another worker continues when the lease expires. A
file that arrives twice has the same name and content.
"""

import os
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import structlog
from psycopg.rows import dict_row

from gerance.kernel import keyring
from gerance.kernel.db import Connection, Pool
from gerance.kernel.errors import Rejection, reject
from gerance.kernel.identity.accounts import audit
from gerance.kernel.keyring import SecretKeyError
from gerance.kernel.stored_secrets import PUSH_TARGET
from gerance.kernel.webhooks.guard import Guard
from gerance.partners.billing_exchange.billing import BillingFile, named_file
from gerance.partners.billing_exchange.delivery import CHECKSUM, DamagedFile, restore
from gerance.partners.billing_exchange.folders import Folder
from gerance.partners.billing_exchange.places import OUTBOX, FilePath
from gerance.partners.billing_exchange.send import LONGEST_SECONDS, SendError, send
from gerance.partners.billing_exchange.target import PushTarget

log = structlog.get_logger("gerance.billing")

STEPS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 30, 60, 120, 240, 480, 480))
"""The backoff after each failure: a day in total, then the push is dead."""
LEASE = timedelta(seconds=2 * LONGEST_SECONDS)
"""The time after which an unfinished push is claimed again."""


async def set_target(
    connection: Connection, code: str, target: PushTarget | None, *, actor: str = "operator"
) -> None:
    """Set the server to which the partner's files are pushed, or None. Raises Rejection."""
    partner_row = await connection.execute("SELECT FROM partner WHERE code = %s", [code])
    if await partner_row.fetchone() is None:
        raise Rejection("UnknownPartner", f"There is no partner with the code {code}.")
    async with connection.transaction():
        await connection.execute("DELETE FROM partner_push_target WHERE partner = %s", [code])
        if target is not None:
            await connection.execute(
                "INSERT INTO partner_push_target (partner, document) VALUES (%s, %s)",
                [code, _stored(code, target)],
            )
        await audit(connection, actor, "partner push target set", code)


async def push_again(connection: Connection, code: str, name: str) -> None:
    """Push a file, or push it again. Raises Rejection: unknown file, no target."""
    file = await named_file(connection, code, name)
    if file is None:
        raise reject("UnknownBillingFile", "of_partner", partner=code, name=name)
    result = await connection.execute(
        "INSERT INTO partner_push (file) SELECT %s FROM partner_push_target WHERE partner = %s"
        " ON CONFLICT (file) DO UPDATE SET failures = 0, due = now(), done = NULL, error = NULL",
        [file.id, code],
    )
    if result.rowcount == 0:
        raise Rejection("NoPushTarget", f"{code} has no server to send files to.")


async def list_pushes(connection: Connection, code: str | None = None) -> list[dict[str, Any]]:
    """All pushes, the latest first: done, pending (`due`) or dead (neither)."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            "SELECT f.partner, f.name, p.failures, p.due, p.done, p.error FROM partner_push p"
            " JOIN partner_billing_file f ON f.id = p.file"
            " WHERE %(code)s::text IS NULL OR f.partner = %(code)s ORDER BY f.id DESC LIMIT 1000",
            {"code": code},
        )
        return await cursor.fetchall()


async def push_due(pool: Pool, root: Path, networks: Sequence[str]) -> bool:
    """Push one file that is due. Returns whether there was one.

    `networks`: private networks that are allowed as targets.
    """
    async with pool.connection() as connection:
        rows = await connection.execute(_CLAIM, {"lease": LEASE})
        row = await rows.fetchone()
        if row is None:
            return False
        code, name, document, failures = row
        file = await named_file(connection, code, name)
        assert file is not None
        try:
            if document is None:
                raise SendError("the partner no longer has a push target")
            await restore(connection, root, file)
        except (SendError, DamagedFile, OSError) as failure:
            await _failed(connection, file, failures, str(failure))
            return True
    try:
        await _push(root, file, _target(code, document), networks)
    except (SendError, SecretKeyError) as failure:
        async with pool.connection() as connection:
            await _failed(connection, file, failures, str(failure))
        return True
    async with pool.connection() as connection:
        await connection.execute(
            "UPDATE partner_push SET done = now(), due = NULL, error = NULL WHERE file = %s",
            [file.id],
        )
    log.info("billing file pushed", partner=code, file=name)
    return True


_CLAIM = (
    "UPDATE partner_push p SET due = now() + %(lease)s FROM partner_billing_file f"
    " WHERE f.id = p.file AND p.file = (SELECT file FROM partner_push WHERE due <= now()"
    " ORDER BY due LIMIT 1 FOR UPDATE SKIP LOCKED)"
    " RETURNING f.partner, f.name, (SELECT t.document FROM partner_push_target t"
    " WHERE t.partner = f.partner), p.failures"
)


def _stored(code: str, target: PushTarget) -> str:
    """The stored form of the target, encrypted."""
    return keyring.encrypt(PUSH_TARGET, code, msgspec.json.encode(target).decode())


def _target(code: str, document: str) -> PushTarget:
    return msgspec.json.decode(keyring.decrypt(PUSH_TARGET, code, document), type=PushTarget)


async def _push(root: Path, file: BillingFile, target: PushTarget, networks: Sequence[str]) -> None:
    folder = Folder(root, file.partner)
    with ExitStack() as stack:
        files: list[tuple[str, BinaryIO]] = []
        for name in (file.name, file.name + CHECKSUM):
            descriptor = folder.open_to_read(FilePath(OUTBOX, name))
            files.append((name, stack.enter_context(os.fdopen(descriptor, "rb"))))
        await send(target, files, Guard(networks).check_address)


async def _failed(connection: Connection, file: BillingFile, failures: int, why: str) -> None:
    """Record the failure and the time of the next attempt, if any."""
    pause = STEPS[failures] if failures < len(STEPS) else None
    await connection.execute(
        "UPDATE partner_push SET failures = failures + 1, error = %s, due = now() + %s"
        " WHERE file = %s",
        [why, pause, file.id],
    )
    log.warning(
        "billing file not pushed",
        partner=file.partner,
        file=file.name,
        reason=why,
        again=None if pause is None else str(pause),
    )
