"""A process that has imported the libraries, and forks a process for each command.

Half a second of each command is spent on importing libraries, and tests run hundreds of commands.
The product itself is imported in the fork, by the command, as ever.
"""

import atexit
import contextlib
import importlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.waiting import PATIENCE

LIBRARIES = (
    "aiohttp", "alembic.command", "argon2", "asyncssh", "cryptography.fernet", "msgspec",
    "phonenumbers", "psycopg", "psycopg_pool", "rich.progress", "rich.table", "sqlalchemy",
    "starlette.applications", "structlog", "typer", "uvicorn", "zxcvbn",
)  # fmt: skip


class ForkServer:
    """Runs commands; started with the first one, ended with this process."""

    def __init__(self) -> None:
        self._directory = tempfile.mkdtemp(prefix="gerance-forks-")
        self._path = f"{self._directory}/socket"
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def run(
        self, arguments: Sequence[str], *, stdin: str, env: Mapping[str, str]
    ) -> "subprocess.CompletedProcess[str]":
        """The result of `gerance` with these arguments, as `subprocess.run` gives it."""
        self._start()
        with (
            tempfile.TemporaryFile() as given,
            tempfile.TemporaryFile() as out,
            tempfile.TemporaryFile() as err,
            socket.socket(socket.AF_UNIX) as client,
        ):
            given.write(stdin.encode())
            given.seek(0)
            client.settimeout(PATIENCE)
            client.connect(self._path)
            request = {"arguments": list(arguments), "env": dict(env), "cwd": str(Path.cwd())}
            socket.send_fds(client, [b"."], [given.fileno(), out.fileno(), err.fileno()])
            client.sendall(json.dumps(request).encode() + b"\n")
            code = int(client.makefile().readline())
            out.seek(0)
            err.seek(0)
            return subprocess.CompletedProcess(
                ["gerance", *arguments], code, out.read().decode(), err.read().decode()
            )

    def _start(self) -> None:
        with self._lock:
            if self._process is None:
                self._process = subprocess.Popen(
                    [sys.executable, "-m", "tests.cli.forking", self._path],
                    cwd=Path(__file__).parents[2],
                    stdout=subprocess.PIPE,
                )
                atexit.register(self._process.kill)
                assert self._process.stdout
                assert self._process.stdout.readline() == b"ready\n"


def serve(path: str) -> None:
    """Fork for each connection until it is killed."""
    for name in LIBRARIES:
        importlib.import_module(name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen(64)
        print("ready", flush=True)  # noqa: T201
        while True:
            connection, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                answer(connection)
            connection.close()


def answer(connection: socket.socket) -> None:
    """Run one command in a further fork, and send back its exit code; does not return."""
    _, descriptors, _, _ = socket.recv_fds(connection, 1, 3)
    request = json.loads(connection.makefile().readline())
    pid = os.fork()
    if pid == 0:
        connection.close()
        command(request, descriptors)
    _, status = os.waitpid(pid, 0)
    with contextlib.suppress(OSError):
        connection.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
    os._exit(0)


def command(request: dict[str, object], descriptors: Sequence[int]) -> None:
    """Be the command; does not return."""
    for number, descriptor in enumerate(descriptors):
        os.dup2(descriptor, number)
        os.close(descriptor)
    env, arguments = request["env"], request["arguments"]
    assert isinstance(env, dict)
    assert isinstance(arguments, list)
    os.chdir(str(request["cwd"]))
    os.environ.clear()
    os.environ.update(env)
    sys.argv = [str(Path(sys.executable).with_name("gerance")), *arguments]
    code: object = 0
    try:
        main = importlib.import_module("gerance.cli").main
        code = main()
    except SystemExit as ended:
        code = ended.code
    except BaseException:
        sys.excepthook(*sys.exc_info())
        code = 1
    if code is not None and not isinstance(code, int):
        sys.stderr.write(f"{code}\n")
        code = 1
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code or 0)


if __name__ == "__main__":
    serve(sys.argv[1])
