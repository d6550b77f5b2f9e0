"""Answers cached as bytes: a repeated read is answered without the tables until a set changes."""

from collections import OrderedDict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gerance.kernel.http.compression import STORED, StoredGzip
from gerance.kernel.odata.compiler import CompiledQuery, QueryKey
from gerance.kernel.odata.respond.etag import matches, not_modified
from gerance.kernel.odata.respond.request import ReadRequest, require_accepted
from gerance.kernel.odata.signing import today
from gerance.kernel.odata.versions import SetVersions

_SHARE = 4
"""No answer takes more than this fraction of the cache."""
_MOST_COLLECTORS = 4
_OVERHEAD = 2048
"""Bytes that a cached answer takes, besides its body and the text of its query."""


@dataclass(frozen=True)
class CachedAnswer:
    """An answer: its tag, its headers, its body in parts. `size`: bytes of the body; `overhead`:
    the bytes that the rest of it takes; `gzip`: the body compressed, once a client has taken it
    so."""

    tag: str
    headers: dict[str, str]
    body: tuple[bytes, ...]
    size: int
    overhead: int = 0
    gzip: StoredGzip = field(default_factory=StoredGzip, compare=False)


class AnswerCache:
    """At most `capacity` bytes of answers, the last ones used. It holds one answer for each query:
    its key says who sees what, its tag which versions of the sets it was read from."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._size = 0
        self._answers: OrderedDict[Hashable, CachedAnswer] = OrderedDict()
        self._collectors = 0

    def respond(self, request: ReadRequest) -> Response | None:
        """304 when the client has the answer, else the cached answer; None when there is none."""
        tag = request.tag
        if tag is None:
            return None
        query = request.query
        conditional = "if-none-match" in request.headers
        if conditional:
            star = query.existing is None and query.plan.kind in ("collection", "count")
            if matches(request.headers, f'W/"{tag}"', star=star):
                return not_modified(f'W/"{tag}"')
        if not request.cacheable:
            return None
        key = request.key
        answer = self.get(key, tag) or self.get((key, request.signer.owner), tag)
        if answer is None:
            return None
        etag = answer.headers.get("ETag")
        if conditional and etag is not None and matches(request.headers, etag):
            return not_modified(etag)
        headers = dict(answer.headers)
        if query.plan.kind == "media":
            require_accepted(request.headers, headers["Content-Type"])
        headers.pop("Preference-Applied", None)
        request.add_preferences(headers)
        if request.http.method == "HEAD":
            return _response(b"".join(answer.body), headers, head=True)
        return CachedResponse(answer, headers)

    def send(
        self,
        request: ReadRequest,
        body: bytes,
        etag: str | None = None,
        media_type: str | None = None,
    ) -> Response:
        """The answer with this body, which is stored if it may be."""
        headers = request.response_headers(etag, media_type)
        if request.cacheable:
            self.store(request, (body,), headers)
        return _response(body, headers, head=request.http.method == "HEAD")

    def store(self, request: ReadRequest, body: Sequence[bytes], headers: dict[str, str]) -> None:
        """Store the answer to a read that is `cacheable`."""
        assert request.tag is not None
        size = sum(map(len, body))
        # JSON takes a tenth of its size in gzip.
        overhead = _OVERHEAD + size // 8 + len(request.key.path) + len(request.key.query)
        # A link to the next page is valid for one principal only.
        signer = request.signer
        key = (request.key, signer.owner) if signer.has_signed else request.key
        self.put(key, CachedAnswer(request.tag, headers, tuple(body), size, overhead))

    def get(self, key: Hashable, tag: str) -> CachedAnswer | None:
        """The answer with this tag."""
        answer = self._answers.get(key)
        if answer is None or answer.tag != tag:
            return None
        self._answers.move_to_end(key)
        return answer

    def put(self, key: Hashable, answer: CachedAnswer) -> None:
        """Store an answer; those that were not used for the longest time make room for it."""
        if answer.size > self.largest:
            return
        if (old := self._answers.pop(key, None)) is not None:
            self._size -= old.size + old.overhead
        self._answers[key] = answer
        self._size += answer.size + answer.overhead
        while self._size > self._capacity:
            _, oldest = self._answers.popitem(last=False)
            self._size -= oldest.size + oldest.overhead

    @property
    def largest(self) -> int:
        """Bytes of the largest answer that is cached."""
        return self._capacity // _SHARE

    def collect(self) -> "BodyCollector | None":
        """A collector of an answer's parts; None when enough others are at work."""
        if self._collectors >= _MOST_COLLECTORS or not self._capacity:
            return None
        self._collectors += 1
        return BodyCollector(self)

    def release(self) -> None:
        """A collector is closed."""
        self._collectors -= 1


class BodyCollector:
    """The parts of an answer while it is sent; it drops them when they become too many."""

    def __init__(self, cache: AnswerCache) -> None:
        self._cache = cache
        self.parts: list[bytes] | None = []
        self.size = 0

    def add(self, part: bytes) -> None:
        self.size += len(part)
        if self.parts is not None:
            self.parts.append(part)
            if self.size > self._cache.largest:
                self.parts = None

    def close(self) -> None:
        self._cache.release()


def tag_of(key: QueryKey, query: CompiledQuery, versions: SetVersions, secret: bytes) -> str | None:
    """The digest of a query and of the versions of all sets that its answer depends on.

    None when the answer changes by itself, as with `now()`. The versions count the changes of all
    companies; without the `secret` they cannot be computed from the tag.
    """
    plan = query.plan
    if not plan.cacheable or plan.shape is None:
        return None
    parts = [key.access, key.path, key.query, repr(key.style), str(key.page)]
    if query.page is not None:
        # An answer with a link to a next page is cached for a day at most: the link expires.
        parts.append(str(today()))
    parts += [versions.of(each.set_name, versioned=each.versioned) for each in plan.entities]
    return blake2b("\n".join(parts).encode(), digest_size=12, key=secret[:64]).hexdigest()


def _response(body: bytes, headers: dict[str, str], *, head: bool) -> Response:
    if not head:
        return Response(body, headers=headers)
    response = Response(headers=headers)
    response.headers["Content-Length"] = str(len(body))
    return response


class CachedResponse(Response):
    """A cached answer, sent part by part without a copy."""

    def __init__(self, answer: CachedAnswer, headers: dict[str, str]) -> None:
        super().__init__(headers={**headers, "Content-Length": str(answer.size)})
        self._parts = answer.body
        self._gzip = answer.gzip

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope[STORED] = self._gzip
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        for part in self._parts:
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
