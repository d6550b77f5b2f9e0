"""Sockets to listen on, bound before anything else starts."""

import errno
import socket

from gerance.cli.failures import Failure


def bind(host: str, port: int, *, option: str, share: bool = False) -> socket.socket:
    """A TCP socket bound to an address, not yet listening; port 0: any free one.

    `share`: other servers with this option may listen on the same port. Raises Failure, which names
    the `option` of the command line, when the address is not available.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except socket.gaierror as error:
        raise Failure(f"{host} is not an address of this machine: {error.strerror}") from error
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
            raise Failure(f"port {port} on {host} is in use: {advice}") from error
        raise Failure(f"cannot listen on {host} port {port}: {error.strerror}") from error
    return listener


def port_of(listener: socket.socket) -> int:
    """The port of a bound socket."""
    return int(listener.getsockname()[1])


def address(scheme: str, host: str, port: int) -> str:
    """The URL of a listener on this machine; 0.0.0.0 becomes 127.0.0.1."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)  # noqa: S104
    return f"{scheme}://{f'[{reachable}]' if ':' in reachable else reachable}:{port}"
