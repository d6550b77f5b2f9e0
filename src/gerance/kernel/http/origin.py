"""Whether a browser sent a request from one of our own pages, or from another site.

Browsers say so themselves. `Sec-Fetch-Site` comes first: browsers send it to HTTPS and to loopback
addresses, no page can set it, and no proxy on the way changes what it means. Over plain HTTP there
is `Origin`, compared with the scheme and the host of the request; behind a proxy that ends TLS the
scheme is the one that the proxy reports, if it is trusted (`forwarded_allow_ips`).

A form with neither header is rejected: every browser sends one of them with a form, and programs
have the APIs. A call of an API with neither header comes from a program.
"""

from urllib.parse import urlsplit

from starlette.requests import Request

_DEFAULT_PORTS = {"http": 80, "https": 443}

Origin = tuple[str, str, int | None]


def is_own_page(request: Request) -> bool:
    """Whether one of our own pages, or the visitor by hand, sent this form."""
    if (site := request.headers.get("sec-fetch-site")) is not None:
        return site in ("same-origin", "none")
    host = request.headers.get("host", "")
    own = _origin(f"{request.scope['scheme']}://{host}")
    return own is not None and own == _origin(request.headers.get("origin", ""))


def is_other_site(request: Request) -> bool:
    """Whether a browser sent this call of an API from a page of another site.

    A page of another subdomain or port counts as another site: cookies do not separate them.
    """
    origin_site = {"sec-fetch-site", "origin"} & set(request.headers)
    return bool(origin_site) and not is_own_page(request)


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
