"""What a writing request says beside its body: If-Match, If-None-Match, Idempotency-Key."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b

from gerance.kernel.db import Connection
from gerance.kernel.errors import Rejection
from gerance.kernel.odata.errors import ODataRejection
from gerance.kernel.wire import decode_own, encode

_TAG = re.compile(r'(?:W/)?"([^"]*)"')
_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_DAYS_KEPT = 7
_ROOT = "root"
"""Stored among the headers, whose names all begin with a capital or have a hyphen."""


@dataclass(frozen=True)
class VersionCondition:
    """The versions that an entity may have. `allowed`: None for any; `excluded`: None for all."""

    allowed: frozenset[str] | None
    excluded: frozenset[str] | None

    def __contains__(self, version: object) -> bool:
        if self.excluded is None or version in self.excluded:
            return False
        return self.allowed is None or version in self.allowed


def expected_versions(headers: Mapping[str, str]) -> VersionCondition | None:
    """The versions that If-Match and If-None-Match allow; None for any. Raises ODataRejection when
    one of them has no tag."""
    allowed = _versions(headers, "If-Match")
    if "if-none-match" not in headers:
        return None if allowed is None else VersionCondition(allowed, frozenset())
    return VersionCondition(allowed, _versions(headers, "If-None-Match"))


def _versions(headers: Mapping[str, str], name: str) -> frozenset[str] | None:
    """The versions in a list of ETags; None for `*`, or without the header.

    The ETag of an entity with others expanded has its version, a point, and the answer's digest.
    """
    header = headers.get(name.lower())
    if header is None or header.strip() == "*":
        return None
    tags = frozenset(tag.partition(".")[0] for tag in _TAG.findall(header))
    if not tags:
        raise ODataRejection("BadRequest", f"{name}: expected ETags, got {header[:60]!r}.")
    return tags


@dataclass(frozen=True)
class StoredResponse:
    """What a request was answered when its key came first; `body`: None when it was not kept;
    `root`: the URL of the service in it, None when it has none."""

    status: int
    headers: dict[str, str]
    body: bytes | None
    root: str | None = None

    def at(self, root: str) -> "StoredResponse":
        """The answer with the URL by which the service is reached now."""
        if self.root is None:
            return self
        headers = {name: value.replace(self.root, root) for name, value in self.headers.items()
                   if name.lower() != "content-length"}  # fmt: skip
        body = self.body and self.body.replace(self.root.encode(), root.encode())
        return StoredResponse(self.status, headers, body, root)


@dataclass(frozen=True)
class IdempotentRequest:
    """A request that may come twice: its Idempotency-Key, of this integrator."""

    actor: str
    key: str
    digest: bytes

    @classmethod
    def of(
        cls, headers: Mapping[str, str], actor: str, request: bytes
    ) -> "IdempotentRequest | None":
        """The key in the headers, for this request (its path, query and body); None without one.

        Raises ODataRejection when it has other characters than visible ones of ASCII, 1 to 255.
        """
        key = headers.get("idempotency-key")
        if key is None:
            return None
        if not _KEY.fullmatch(key):
            raise ODataRejection(
                "BadRequest", "Idempotency-Key: expected 1 to 255 visible characters."
            )
        return cls(actor, key, blake2b(request, digest_size=16).digest())

    async def take(self, connection: Connection) -> StoredResponse | None:
        """Take the key in the transaction under way; the first answer when it was taken before.

        Raises Rejection (422) when it was taken by another request.
        """
        cursor = await connection.execute(
            "WITH over AS (DELETE FROM idempotency_key WHERE (integrator, key) IN"
            " (SELECT integrator, key FROM idempotency_key"
            f" WHERE created < now() - interval '{_DAYS_KEPT} days' FOR UPDATE SKIP LOCKED))"
            " INSERT INTO idempotency_key (integrator, key, digest, status) VALUES (%s, %s, %s, 0)"
            " ON CONFLICT DO NOTHING RETURNING key",
            [self.actor, self.key, self.digest],
        )
        if await cursor.fetchone() is not None:
            return None
        rows = await connection.execute(
            "SELECT digest, status, headers::text, body FROM idempotency_key"
            " WHERE integrator = %s AND key = %s",
            [self.actor, self.key],
        )
        digest, status, headers, body = (await rows.fetchall())[0]
        if bytes(digest) != self.digest:
            raise Rejection(
                "IdempotencyKeyReused",
                f"The Idempotency-Key {self.key[:40]} was already used for another request.",
            )
        fields = decode_own(dict[str, str], headers)
        root = fields.pop(_ROOT, None)
        return StoredResponse(status, fields, None if body is None else bytes(body), root)

    async def keep(
        self,
        connection: Connection,
        status: int,
        headers: Mapping[str, str],
        body: bytes | None,
        *,
        root: str | None = None,
    ) -> None:
        """Store the answer for repetitions of the request. `root`: the URL of the service in it."""
        headers = dict(headers) | ({} if root is None else {_ROOT: root})
        await connection.execute(
            "UPDATE idempotency_key SET status = %s, headers = %s, body = %s"
            " WHERE integrator = %s AND key = %s",
            [status, encode(headers).decode(), body, self.actor, self.key],
        )
