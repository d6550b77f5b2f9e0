"""Whether a form was sent by one of our own pages, or by another site through a visitor's browser.

Browsers say so themselves. `Sec-Fetch-Site` comes first: browsers send it to HTTPS and to loopback
addresses, no page can set it, and no proxy on the way changes what it means. Over plain HTTP there
is `Origin`, compared with the scheme and the host of the request; behind a proxy that ends TLS the
scheme is the one that the proxy reports, if it is trusted (`forwarded_allow_ips`).

A request with neither header is rejected: every browser sends one of them with a form, and
programs have the APIs.
"""

from urllib.parse import urlsplit

from starlette.requests import Request

_DEFAULT_PORTS = {"http": 80, "https": 443}

Origin = tuple[str, str, int | None]


def is_own_page(request: Request) -> bool:
    """Whether one of our own pages, or the visitor by hand, sent this request."""
    if (site := request.headers.get("sec-fetch-site")) is not None:
        return site in ("same-origin", "none")
    host = request.headers.get("host", "")
    own = _origin(f"{request.scope['scheme']}://{host}")
    return own is not None and own == _origin(request.headers.get("origin", ""))


def _origin(text: str) -> Origin | None:
    """Scheme, host and port of an origin; None for `null` and for what is no origin."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        return None
    return parts.scheme, parts.hostname, port or _DEFAULT_PORTS[parts.scheme]
