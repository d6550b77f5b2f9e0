"""A network between the server and its database that can fall silent: nothing is closed, nothing
arrives."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

AT_ONCE = 65_536


class Line:
    """Passes connections on to a database as long as it is not silent."""

    def __init__(self, database: str) -> None:
        """`database`: the URL of a database behind a Unix socket."""
        parts = urlsplit(database)
        self._behind = str(Path(parse_qs(parts.query)["host"][0]) / ".s.PGSQL.5432")
        self._listener = socket.create_server(("127.0.0.1", 0))
        port = self._listener.getsockname()[1]
        self.url = f"postgresql://{parts.username}@127.0.0.1:{port}{parts.path}"
        self._open = threading.Event()
        self._open.set()
        self._ends: list[socket.socket] = []
        threading.Thread(target=self._take, daemon=True).start()

    def fall_silent(self) -> None:
        self._open.clear()

    def speak_again(self) -> None:
        self._open.set()

    def close(self) -> None:
        self._open.set()
        for end in [self._listener, *self._ends]:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _take(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(self._behind)
                self._ends += [client, server]
                for one, other in ((client, server), (server, client)):
                    threading.Thread(target=self._pass_on, args=(one, other), daemon=True).start()

    def _pass_on(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while data := one.recv(AT_ONCE):
                self._open.wait()
                other.sendall(data)
            self._open.wait()
            other.shutdown(socket.SHUT_WR)


@contextmanager
def line_to(database: str) -> Iterator[Line]:
    line = Line(database)
    try:
        yield line
    finally:
        line.close()
