"""The address of a client, and the network that limits count it by."""

import functools
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

from starlette.types import Scope

UNKNOWN = "unknown"
"""The network of a client without an IP address, such as one on a Unix socket."""
_LONGEST = 100
_PREFIX = 64


def normal_address(text: str) -> str | None:
    """An IP address in its one spelling, None when the text is not one.

    `::ffff:192.0.2.1` is `192.0.2.1`; a port (`192.0.2.1:80`, `[2001:db8::1]:80`) and a zone
    (`fe80::1%eth0`) are dropped.
    """
    ip = _parse(text)
    return None if ip is None else str(ip)


def network_of(address: str | None) -> str:
    """What limits count an address by: IPv4 itself, IPv6 its /64 (`2001:db8:0:1::/64`), since one
    IPv6 client has all addresses of its /64. `unknown` for what is no address."""
    return UNKNOWN if address is None or len(address) > _LONGEST else _network(address)


def client_address(scope: Scope) -> str:
    """The address of the client of an ASGI request, for logs and limits; `unknown` without one."""
    client = scope.get("client")
    return _address(client[0]) if client and len(client[0]) <= _LONGEST else UNKNOWN


def client_network(scope: Scope) -> str:
    """The network of the client of an ASGI request."""
    client = scope.get("client")
    return network_of(client[0] if client else None)


class TrustedProxies:
    """The proxies whose `X-Forwarded-*` headers count: addresses and networks by comma, or `*`."""

    def __init__(self, setting: str) -> None:
        names = [name.strip() for name in setting.split(",") if name.strip()]
        self._all = "*" in names
        self._networks = [ip_network(name, strict=False) for name in names if name != "*"]
        self.trusts = functools.lru_cache(maxsize=1024)(self._trusts)

    def _trusts(self, address: str) -> bool:
        ip = _parse(address)
        if ip is None:
            return False
        return self._all or any(ip in network for network in self._networks)

    def client(self, peer: str, forwarded_for: Iterable[str]) -> str:
        """The address of the client whose request came from `peer`.

        `forwarded_for`: the values of `X-Forwarded-For`, in order. Each proxy adds the address that
        it was called from at the end, so the last one that no trusted proxy has is the client. What
        is not an address, and what stands before it, does not count. With `*` the first one counts.
        """
        client = peer
        if not self.trusts(peer):
            return client
        for entry in reversed(",".join(forwarded_for).split(",")):
            address = normal_address(entry)
            if address is None:
                break
            client = address
            if not self.trusts(address):
                break
        return client


@functools.lru_cache(maxsize=4096)
def _address(text: str) -> str:
    return normal_address(text) or UNKNOWN


@functools.lru_cache(maxsize=4096)
def _network(address: str) -> str:
    ip = _parse(address)
    if ip is None:
        return UNKNOWN
    if isinstance(ip, IPv4Address):
        return str(ip)
    return str(IPv6Network((int(ip), _PREFIX), strict=False))


def _parse(text: str) -> IPv4Address | IPv6Address | None:
    text = text.strip()
    if len(text) > _LONGEST:
        return None
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        ip = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped is not None:
        return ip.ipv4_mapped
    return ip
