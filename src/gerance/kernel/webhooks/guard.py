"""Which addresses webhooks may be sent to: checked when a URL is stored, and again at the socket.

The check of the URL gives early feedback. The check at the socket is what protects: it sees the
address that is about to be connected to, whatever the name resolves to at that moment.

The forbidden ranges are those of the IANA special-purpose address registries (IPv4 and IPv6, RFC
6890), multicast, and addresses that cloud providers reserve. The standard library's `is_global` is
not used: it has allowed relays, translators and reserved blocks, and changes with the version of
Python.
"""

import re
import socket
from collections.abc import Sequence
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Any

from yarl import URL

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

FORBIDDEN_RANGES: tuple[tuple[Network, str], ...] = tuple(
    (ip_network(network), reason)
    for network, reason in (
        ("0.0.0.0/8", "this network"),
        ("10.0.0.0/8", "a private network"),
        ("100.64.0.0/10", "shared by carriers, and by clouds for their own services"),
        ("127.0.0.0/8", "this machine"),
        ("168.63.129.16/32", "a cloud's service for its machines"),
        ("169.254.0.0/16", "link-local, where clouds tell machines their secrets"),
        ("172.16.0.0/12", "a private network"),
        ("192.0.0.0/24", "kept for protocols"),
        ("192.0.2.0/24", "for documentation"),
        ("192.31.196.0/24", "a sink of names (AS112)"),
        ("192.52.193.0/24", "a relay of multicast"),
        ("192.88.99.0/24", "a relay between IPv4 and IPv6 (6to4)"),
        ("192.168.0.0/16", "a private network"),
        ("192.175.48.0/24", "a sink of names (AS112)"),
        ("198.18.0.0/15", "for benchmarks"),
        ("198.51.100.0/24", "for documentation"),
        ("203.0.113.0/24", "for documentation"),
        ("224.0.0.0/4", "multicast"),
        ("255.255.255.255/32", "broadcast"),
        ("240.0.0.0/4", "reserved"),
        ("::/128", "no address"),
        ("::1/128", "this machine"),
        ("::ffff:0:0/96", "an IPv4 address in an IPv6 one (mapped)"),
        ("::ffff:0:0:0/96", "an IPv4 address in an IPv6 one (translated)"),
        ("::/96", "an IPv4 address in an IPv6 one (compatible)"),
        ("64:ff9b::/96", "an IPv4 address in an IPv6 one (NAT64)"),
        ("64:ff9b:1::/48", "an IPv4 address in an IPv6 one (local NAT64)"),
        ("100::/64", "where packets are dropped"),
        ("100:0:0:1::/64", "no destination"),
        ("2001::/32", "an IPv4 address in an IPv6 one (Teredo)"),
        ("2001::/23", "kept for protocols"),
        ("2001:db8::/32", "for documentation"),
        ("2002::/16", "an IPv4 address in an IPv6 one (6to4)"),
        ("2620:4f:8000::/48", "a sink of names (AS112)"),
        ("3ffe::/16", "an experiment that is over"),
        ("3fff::/20", "for documentation"),
        ("5f00::/16", "segment routing"),
        ("fc00::/7", "a private network"),
        ("fe80::/10", "link-local"),
        ("fec0::/10", "a private network (site-local)"),
        ("ff00::/8", "multicast"),
    )
)
"""Networks and why they are refused; the first that holds the address names the reason."""

GLOBAL_UNICAST = IPv6Network("2000::/3")
"""What IANA has given out of IPv6: anything outside is refused, named above or not."""

_LOW_32_BITS = (
    IPv6Network("::/96"),
    IPv6Network("::ffff:0:0/96"),
    IPv6Network("::ffff:0:0:0/96"),
    IPv6Network("64:ff9b::/96"),
    IPv6Network("64:ff9b:1::/48"),
)
_SIX_TO_FOUR = IPv6Network("2002::/16")
_TEREDO = IPv6Network("2001::/32")
_LOOPBACK = IPv6Address("::1")
_ISATAP = (0x00005EFE, 0x02005EFE)

MOST_URL_CHARACTERS = 2000
MOST_HOST_CHARACTERS = 253

_BEGINNING = re.compile(r"(?i:https?)://(?![/\\])")
_UNFIT = re.compile(r"[\s\x00-\x20\x7f\\]")
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"0x[0-9a-f]*|[0-9]+")

AddrInfo = tuple[Any, Any, int, str, tuple[Any, ...]]
"""What `getaddrinfo` answers: family, type, protocol, canonical name, socket address."""


class ForbiddenTarget(Exception):
    """A target that must not be called; the message names the address or part of the URL, and
    why."""


class Guard:
    """The addresses that may be called. `allowed`: private networks in CIDR notation that are
    still allowed, e.g. "10.1.0.0/16". Raises ValueError for an invalid one."""

    def __init__(self, allowed: Sequence[str] = ()) -> None:
        self._allowed: tuple[Network, ...] = tuple(ip_network(each) for each in allowed)

    def check_url(self, url: str) -> str:
        """The URL in normal form: host in ASCII, no default port.

        Raises ForbiddenTarget for schemes other than http and https, user information, fragments,
        more than 2,000 characters, and forbidden addresses in any spelling. Names are not resolved
        here.
        """
        if len(url) > MOST_URL_CHARACTERS:
            raise ForbiddenTarget(f"The URL is longer than {MOST_URL_CHARACTERS} characters.")
        if _UNFIT.search(url):
            raise ForbiddenTarget("The URL has a blank, a control character or a backslash.")
        if not _BEGINNING.match(url):
            raise ForbiddenTarget("The URL does not begin with http:// or https:// and a host.")
        if "#" in url:
            raise ForbiddenTarget("The URL has a fragment (#), which is never sent.")
        if "@" in re.split(r"[/?]", url.split("//", 1)[1], maxsplit=1)[0]:
            raise ForbiddenTarget("The URL has user information (@); use a header instead.")
        try:
            normalised = URL(url)
            host, port = normalised.raw_host or "", normalised.port
        except ValueError as error:  # UnicodeError too: a name that IDNA does not know
            raise ForbiddenTarget("The URL's host or port cannot be read.") from error
        if not port:
            raise ForbiddenTarget("The URL's port is not one of 1 to 65535.")
        normalised = normalised.with_host(self._checked_host(host))
        normal = str(normalised.with_port(None) if normalised.is_default_port() else normalised)
        if len(normal) > MOST_URL_CHARACTERS:
            raise ForbiddenTarget(
                f"The URL, once encoded, is longer than {MOST_URL_CHARACTERS} characters."
            )
        return normal

    def check_address(self, address: str) -> None:
        """Raises ForbiddenTarget for an address that is invalid or must not be called."""
        try:
            read = ip_address(address.partition("%")[0])
        except ValueError as error:
            raise ForbiddenTarget(f"{address[:64]!r} is no IP address.") from error
        self._check(read)

    def socket_factory(self, addr_info: AddrInfo) -> socket.socket:
        """A socket for the address, which is checked first (aiohttp's `socket_factory`).

        The caller connects the socket to this very address: nothing is resolved in between.
        """
        family, kind, protocol, _, address = addr_info
        if family not in (socket.AF_INET, socket.AF_INET6):
            raise ForbiddenTarget("Only IPv4 and IPv6 are called.")
        self.check_address(address[0])
        return socket.socket(family, kind, protocol)

    def _check(self, address: Address) -> None:
        if (reason := why_forbidden(address, self._allowed)) is not None:
            raise ForbiddenTarget(f"{address} is not called: {reason}.")

    def _checked_host(self, host: str) -> str:
        """The host as it will be called; raises ForbiddenTarget."""
        name = host.lower().removesuffix(".")
        if "%" in name:
            raise ForbiddenTarget("The URL's host has a zone or an escape (%).")
        if ":" in name:
            try:
                address: Address = IPv6Address(name)
            except ValueError as error:
                raise ForbiddenTarget("The URL's host is no IPv6 address.") from error
            self._check(address)
            return str(address)
        labels = name.split(".")
        if len(name) > MOST_HOST_CHARACTERS or not all(map(_LABEL.fullmatch, labels)):
            raise ForbiddenTarget("The URL's host is no name and no address.")
        if _NUMBER.fullmatch(labels[-1]):
            address = _ipv4(labels)
            self._check(address)
            return str(address)
        if labels[-1] == "localhost":
            self._check(IPv4Address("127.0.0.1"))
        return name


def _ipv4(labels: Sequence[str]) -> IPv4Address:
    """The address that the C library reads: one to four numbers, decimal, octal or hexadecimal,
    of which the last fills what is left (`inet_aton`). Raises ForbiddenTarget when there is none.
    """
    try:
        numbers = [_number(label) for label in labels]
        *first, last = numbers
        if len(numbers) > 4 or any(each > 255 for each in first):
            raise ValueError("too many, or too large")
        if last >= 256 ** (5 - len(numbers)):
            raise ValueError("too large")
    except ValueError as error:
        raise ForbiddenTarget("The URL's host ends in a number and is no IPv4 address.") from error
    return IPv4Address(last + sum(each << 8 * (3 - place) for place, each in enumerate(first)))


def _number(label: str) -> int:
    if not _NUMBER.fullmatch(label):
        raise ValueError(label)
    if label.startswith("0x"):
        return int(label[2:] or "0", 16)
    return int(label, 8 if label.startswith("0") else 10)


def embedded(address: IPv6Address) -> tuple[IPv4Address, ...]:
    """The IPv4 addresses that `address` stands for: none, one, or two (Teredo).

    Mapped, compatible and translated (RFC 4291, 2765), NAT64 (RFC 6052, 8215), 6to4 (RFC 3056),
    Teredo (RFC 4380: server, and client with its bits turned), ISATAP in any network (RFC 5214).
    """
    bits = int(address)
    low = bits & 0xFFFFFFFF
    if address in _TEREDO:
        return IPv4Address(bits >> 64 & 0xFFFFFFFF), IPv4Address(low ^ 0xFFFFFFFF)
    if address in _SIX_TO_FOUR:
        return (IPv4Address(bits >> 80 & 0xFFFFFFFF),)
    if address == _LOOPBACK:  # among the compatible ones, and none of them (RFC 4291, 2.5.3)
        return ()
    if bits >> 32 & 0xFFFFFFFF in _ISATAP or any(address in each for each in _LOW_32_BITS):
        return (IPv4Address(low),)
    return ()


def why_forbidden(address: Address, allowed: Sequence[Network] = ()) -> str | None:
    """Why `address` must not be called; None when it may be. `allowed`: networks whose addresses
    are always allowed. Of an IPv6 address that embeds an IPv4 one, both are checked."""
    if not any(address in network for network in allowed):
        for network, reason in FORBIDDEN_RANGES:
            if address in network:
                return f"{reason}, {network}"
        if address.version == 6 and address not in GLOBAL_UNICAST:
            return f"outside {GLOBAL_UNICAST}, not given out"
    if isinstance(address, IPv6Address):
        for inner in embedded(address):
            if (reason_inside := why_forbidden(inner, allowed)) is not None:
                return f"stands for {inner}: {reason_inside}"
    return None
