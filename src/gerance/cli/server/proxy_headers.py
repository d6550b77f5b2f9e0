"""What a trusted proxy says of the request that it passes on: scheme, host and client."""

from typing import Any

from gerance.kernel.http.own_url import is_host
from gerance.kernel.limits.address import TrustedProxies

Headers = list[tuple[bytes, bytes]]


def read_forwarded(
    scope: Any, headers: Headers, host: bytes | None, peer: str, proxies: TrustedProxies
) -> None:
    """Put `X-Forwarded-Proto`, `-Host`, `-Port` and `-For` into the ASGI scope and its headers.

    `headers`: those of the scope; `host`: the value of Host among them; `peer`: the address of the
    proxy. Where proxies add to a list, the last host is the one that the trusted proxy received.
    """
    forwarded_for, forwarded_host, port = [], "", ""
    for name, value in headers:
        if name == b"x-forwarded-for":
            forwarded_for.append(value.decode("latin-1"))
        elif name == b"x-forwarded-proto" and value.strip() in (b"http", b"https"):
            scope["scheme"] = "https" if value.strip() == b"https" else "http"
        elif name == b"x-forwarded-host":
            forwarded_host = value.decode("latin-1").rpartition(",")[2].strip()
        elif name == b"x-forwarded-port":
            port = value.decode("latin-1").rpartition(",")[2].strip()
    if forwarded_for:
        scope["client"] = proxies.client(peer, forwarded_for), 0
    if host is None or not is_host(forwarded_host):
        return
    default = "443" if scope["scheme"] == "https" else "80"
    if port.isdecimal() and port != default and ":" not in forwarded_host.rpartition("]")[2]:
        forwarded_host = f"{forwarded_host}:{port}"
    headers[headers.index((b"host", host))] = (b"host", forwarded_host.encode("latin-1"))
