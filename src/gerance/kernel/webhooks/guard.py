"""Where outgoing calls may go: checked when a URL is given, and again at the socket.

The check of the URL tells a person early. The check at the socket is the one that protects: it
sees the very address that is about to be connected to, whatever a name resolved to this time.
"""

import re
import socket
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

from yarl import URL

from gerance.kernel.webhooks.ranges import Address, Network, why_forbidden

MOST_URL_CHARACTERS = 2000
MOST_HOST_CHARACTERS = 253

_BEGINNING = re.compile(r"(?i:https?)://(?![/\\])")
_UNFIT = re.compile(r"[\s\x00-\x20\x7f\\]")
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"0x[0-9a-f]*|[0-9]+")

AddrInfo = tuple[Any, Any, int, str, tuple[Any, ...]]
"""What `getaddrinfo` answers: family, type, protocol, canonical name, socket address."""


class TargetRefused(Exception):
    """A call that must not be made; the message names the address or part of the URL, and why."""


class Guard:
    """What may be called.

    `allowed`: networks in CIDR that are called although they are private, e.g. "10.1.0.0/16";
    raises ValueError for one that is none.
    """

    def __init__(self, allowed: Sequence[str] = ()) -> None:
        self._allowed: tuple[Network, ...] = tuple(ip_network(each) for each in allowed)

    def check_url(self, url: str) -> str:
        """The URL as it will be called: normal spelling, host in ASCII, no default port.

        Raises TargetRefused for anything but http and https to a host, for user information,
        fragments, more than 2,000 characters, and addresses that are forbidden however spelled.
        Names are not resolved here.
        """
        if len(url) > MOST_URL_CHARACTERS:
            raise TargetRefused(f"The URL is longer than {MOST_URL_CHARACTERS} characters.")
        if _UNFIT.search(url):
            raise TargetRefused("The URL has a blank, a control character or a backslash.")
        if not _BEGINNING.match(url):
            raise TargetRefused("The URL does not begin with http:// or https:// and a host.")
        if "#" in url:
            raise TargetRefused("The URL has a fragment (#), which is never sent.")
        if "@" in re.split(r"[/?]", url.split("//", 1)[1], maxsplit=1)[0]:
            raise TargetRefused("The URL has user information (@); use a header instead.")
        try:
            parsed = URL(url)
            host, port = parsed.raw_host or "", parsed.port
        except ValueError as error:  # UnicodeError too: a name that IDNA does not know
            raise TargetRefused("The URL's host or port cannot be read.") from error
        if not port:
            raise TargetRefused("The URL's port is not one of 1 to 65535.")
        parsed = parsed.with_host(self._checked_host(host))
        normal = str(parsed.with_port(None) if parsed.is_default_port() else parsed)
        if len(normal) > MOST_URL_CHARACTERS:
            raise TargetRefused(
                f"The URL, once encoded, is longer than {MOST_URL_CHARACTERS} characters."
            )
        return normal

    def check_address(self, address: str) -> None:
        """Raise TargetRefused when nothing may be sent to `address`, or when it is none."""
        try:
            read = ip_address(address.partition("%")[0])
        except ValueError as error:
            raise TargetRefused(f"{address[:64]!r} is no IP address.") from error
        self._check(read)

    def socket_factory(self, addr_info: AddrInfo) -> socket.socket:
        """A socket for the address, which is checked first (aiohttp's `socket_factory`).

        The caller connects the socket to this very address: nothing is resolved in between.
        """
        family, kind, protocol, _, address = addr_info
        if family not in (socket.AF_INET, socket.AF_INET6):
            raise TargetRefused("Only IPv4 and IPv6 are called.")
        self.check_address(address[0])
        return socket.socket(family, kind, protocol)

    def _check(self, address: Address) -> None:
        if (reason := why_forbidden(address, self._allowed)) is not None:
            raise TargetRefused(f"{address} is not called: {reason}.")

    def _checked_host(self, host: str) -> str:
        """The host as it will be called; raises TargetRefused."""
        name = host.lower().removesuffix(".")
        if "%" in name:
            raise TargetRefused("The URL's host has a zone or an escape (%).")
        if ":" in name:
            try:
                address: Address = IPv6Address(name)
            except ValueError as error:
                raise TargetRefused("The URL's host is no IPv6 address.") from error
            self._check(address)
            return str(address)
        labels = name.split(".")
        if len(name) > MOST_HOST_CHARACTERS or not all(map(_LABEL.fullmatch, labels)):
            raise TargetRefused("The URL's host is no name and no address.")
        if _NUMBER.fullmatch(labels[-1]):
            address = _ipv4(labels)
            self._check(address)
            return str(address)
        if labels[-1] == "localhost":
            self._check(IPv4Address("127.0.0.1"))
        return name


def _ipv4(labels: Sequence[str]) -> IPv4Address:
    """The address that the C library reads: one to four numbers, decimal, octal or hexadecimal,
    of which the last fills what is left (`inet_aton`). Raises TargetRefused when there is none.
    """
    try:
        numbers = [_number(label) for label in labels]
        *first, last = numbers
        if len(numbers) > 4 or any(each > 255 for each in first):
            raise ValueError("too many, or too large")
        if last >= 256 ** (5 - len(numbers)):
            raise ValueError("too large")
    except ValueError as error:
        raise TargetRefused("The URL's host ends in a number and is no IPv4 address.") from error
    return IPv4Address(last + sum(each << 8 * (3 - place) for place, each in enumerate(first)))


def _number(label: str) -> int:
    if not _NUMBER.fullmatch(label):
        raise ValueError(label)
    if label.startswith("0x"):
        return int(label[2:] or "0", 16)
    return int(label, 8 if label.startswith("0") else 10)
