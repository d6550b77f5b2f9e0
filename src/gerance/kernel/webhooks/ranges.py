"""Addresses that no outgoing call may go to, with the reason.

From the IANA special-purpose address registries (IPv4 and IPv6, RFC 6890), multicast, and what
clouds keep for themselves. The standard library's `is_global` is not used: it has let relays,
translators and reserved blocks through, and changes with the version of Python.
"""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

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
    """Why no call may go to `address`, or None when it may.

    `allowed`: networks whose addresses are let through all the same. An IPv6 address with an
    IPv4 one inside has to pass with both.
    """
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
