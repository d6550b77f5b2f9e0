"""The headers by which browsers keep other sites and injected content out of our answers."""

from collections.abc import Iterable

Headers = list[tuple[bytes, bytes]]

POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""For everything that is no page: nothing of it runs, loads or is framed."""

API_PAGES_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self';"
    " img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'"
)
"""For Swagger UI, whose style sheet has images of its own."""

_COMMON: Headers = [
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", POLICY.encode()),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
]


class SecurityHeaders:
    """Adds what an answer has not said by itself. `hsts_seconds`: how long browsers insist on HTTPS
    after an answer over it; 0: they need not."""

    def __init__(self, hsts_seconds: int) -> None:
        self._over_tls = list(_COMMON)
        if hsts_seconds:
            value = f"max-age={hsts_seconds}".encode()
            self._over_tls.append((b"strict-transport-security", value))

    def completed(self, headers: Iterable[tuple[bytes, bytes]], scheme: str) -> Headers:
        """The headers of an answer, with those that it lacks."""
        sent_names = list(headers)
        names = {name.lower() for name, _ in sent_names}
        additions = self._over_tls if scheme == "https" else _COMMON
        return sent_names + [pair for pair in additions if pair[0] not in names]
