"""Stop accepting connections without resetting those that have just arrived.

The kernel completes a handshake before a server accepts the connection. Closing a listener resets
the connections that wait to be accepted, whose clients may have sent a request already.
"""

import ctypes
import socket
import struct
from collections.abc import Iterable

_SO_ATTACH_FILTER = 26
_FLAGS_AT, _SYN, _SYN_AND_ACK = 13, 0x02, 0x12
# Classic BPF over a segment: (code, jump if true, jump if false, operand).
_DROP_NEW_CONNECTIONS = (
    (0x30, 0, 0, _FLAGS_AT),  # load the byte of flags
    (0x54, 0, 0, _SYN_AND_ACK),
    (0x15, 0, 1, _SYN),  # a SYN without an ACK opens a connection:
    (0x06, 0, 0, 0),  # drop it,
    (0x06, 0, 0, 0xFFFFFFFF),  # and let all others through
)


def turn_away(listeners: Iterable[socket.socket]) -> None:
    """Let the kernel drop new connections to the listeners.

    Clients retry after a second, when the port is closed or another server listens on it. Systems
    without such filters are left as they are.
    """
    program = b"".join(struct.pack("HBBI", *step) for step in _DROP_NEW_CONNECTIONS)
    code = ctypes.create_string_buffer(program)
    filter_program = struct.pack("HL", len(_DROP_NEW_CONNECTIONS), ctypes.addressof(code))
    for listener in listeners:
        try:
            listener.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, filter_program)
        except OSError:
            return
