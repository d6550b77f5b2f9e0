"""Sockets to listen on, taken before anything else is started."""

import errno
import socket

from gerance.cli.failures import Failure


def bind(host: str, port: int, *, option: str, share: bool = False) -> socket.socket:
    """A TCP socket bound to an address, not yet listening; port 0 is any free one.

    `share`: other servers that share it may listen on the same port.

    Raises Failure, naming the command line's `option`, when the address cannot be had.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except socket.gaierror as error:
        raise Failure(f"{host} is no address of this machine: {error.strerror}") from error
    listener = socket.socket(family, kind, protocol)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if share:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        listener.bind(address)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            advice = f"choose another with {option}, or 0 for any free one"
            raise Failure(f"port {port} on {host} is taken: {advice}") from error
        raise Failure(f"cannot listen on {host} port {port}: {error.strerror}") from error
    return listener


def port_of(listener: socket.socket) -> int:
    """The port that a bound socket has."""
    return int(listener.getsockname()[1])


def address(scheme: str, host: str, port: int) -> str:
    """The URL by which this machine reaches a listener: any-address becomes the local one."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)  # noqa: S104
    return f"{scheme}://{f'[{reachable}]' if ':' in reachable else reachable}:{port}"
