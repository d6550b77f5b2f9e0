"""One PostgreSQL server, as a child of the process that starts it: set up, start, stop."""

import functools
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg

from gerance.kernel.embedded import configuration, leftover
from gerance.kernel.embedded.account import account, let_read, let_through
from gerance.kernel.embedded.binaries import find_binaries, from_wheel
from gerance.kernel.embedded.failure import EmbeddedError

USER = "gerance"
DATABASE = "gerance"
# A socket's path has 107 bytes on Linux and 103 on macOS and the BSDs.
LONGEST_SOCKET_PATH = 103
# Recovery after a crash replays at most `max_wal_size`, which a slow disk does in this time.
START_SECONDS = 300.0
_LOG_BYTES = 16 * 1024 * 1024


class Server:
    """The server of a home directory. The caller holds the lock for starting and stopping it."""

    def __init__(self, home: Path) -> None:
        """Find the programs and the account; raises EmbeddedError without them."""
        self.home = home
        self.data = home / "postgres"
        self.log = home / "postgres.log"
        self.binaries = find_binaries(self.data)
        self.account = account()
        self.sockets = home / "socket"
        self._child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Bring the server up, with its database; raises EmbeddedError and leaves nothing then."""
        try:
            self._prepare()
            self._launch()
            self._create_database()
        except BaseException:
            # An interrupt too: no server process stays behind.
            self.stop()
            raise

    def is_running(self) -> bool:
        """Whether a server of this home runs, started by any process; finds its sockets if so."""
        lines = leftover.recorded_pid(self.data)
        if len(lines) < 8 or not leftover.runs(int(lines[0]), self.data):
            return False
        self.sockets = Path(lines[4])
        return True

    def stop(self) -> None:
        """Shut the server down, within ten seconds; harmless when it does not run."""
        if self._child is not None:
            leftover.halt(self._child.pid, functools.partial(_ends_within, self._child))
            self._child = None
        leftover.clear(self.data)
        if self.sockets.parent != self.home:
            shutil.rmtree(self.sockets, ignore_errors=True)

    def _prepare(self) -> None:
        if self.account is not None:
            let_through(self.data)
            let_through(self.binaries)
            if from_wheel(self.binaries):
                let_read(self.binaries.parent)
        leftover.clear(self.data)
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        self.sockets = self._socket_directory()
        lz4 = self._run("postgres", "-D", self.data, "-C", "data_directory",
                        "-c", "default_toast_compression=lz4").returncode == 0  # fmt: skip
        self._write("gerance.conf", configuration.settings(self.sockets, lz4=lz4))
        self._write("pg_hba.conf", configuration.HBA)

    def _initialise(self) -> None:
        """Make the data directory beside its place first, so that half a one is never used."""
        fresh = self.home / "postgres.new"
        shutil.rmtree(fresh, ignore_errors=True)
        self._own_directory(fresh)
        result = self._run("initdb", "-D", fresh, "-U", USER, "--encoding=UTF8", "--locale=C",
                         "--auth-local=trust", "--auth-host=reject")  # fmt: skip
        if result.returncode != 0:
            raise EmbeddedError(f"initdb failed in {self.home}: {result.stderr.strip()}")
        with (fresh / "postgresql.conf").open("a") as file:
            file.write("\ninclude_if_exists 'gerance.conf'\n")
        fresh.rename(self.data)

    def _socket_directory(self) -> Path:
        """A private directory whose path fits a socket's address and a connection string."""
        place = self.home / "socket"
        longest = os.fsencode(place / ".s.PGSQL.5432.lock")
        if len(longest) <= LONGEST_SOCKET_PATH and "," not in str(place):
            # A lock beside a socket left behind may name a pid that looks alive.
            shutil.rmtree(place, ignore_errors=True)
            self._own_directory(place)
            return place
        base = Path(tempfile.gettempdir())
        if len(os.fsencode(base)) > LONGEST_SOCKET_PATH // 2:
            base = Path("/", "tmp")
        directory = Path(tempfile.mkdtemp(prefix="gerance-", dir=base))
        self._own_directory(directory)
        return directory

    def _launch(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        if self.log.exists() and self.log.stat().st_size > _LOG_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))
        while True:
            # It quotes statements, and others may pass through a home of root's.
            self.log.touch(mode=0o600)
            with self.log.open("ab") as log:
                begin = log.tell()
                # A session of its own: a terminal's Ctrl-C is for us, who then stop it in order.
                child = self._child = subprocess.Popen(
                    [self.binaries / "postgres", "-D", self.data],
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                    **self._identity(),
                )
            if self._comes_up(child, deadline):
                return
            with self.log.open("rb") as log:
                log.seek(begin)
                line = log.read().decode(errors="replace").strip()
            # Backends of a killed postmaster take a moment to notice.
            if "shared memory block" in line and time.monotonic() < deadline:
                time.sleep(0.1)
                continue
            raise EmbeddedError(f"PostgreSQL does not start in {self.home}:\n{line}")

    def _comes_up(self, child: subprocess.Popen[bytes], deadline: float) -> bool:
        """Whether the child gets ready to be connected to, rather than ending."""
        while child.poll() is None:
            lines = leftover.recorded_pid(self.data)
            if len(lines) >= 8 and lines[0] == str(child.pid) and lines[7] == "ready":
                return True
            if time.monotonic() > deadline:
                raise EmbeddedError(f"PostgreSQL was not ready in time, see {self.log}")
            time.sleep(0.01)
        self._child = None
        return False

    def _create_database(self) -> None:
        with psycopg.connect(
            host=str(self.sockets), user=USER, dbname="postgres", autocommit=True
        ) as connection:
            if connection.execute(
                "select 1 from pg_database where datname = %s", [DATABASE]
            ).fetchone():
                return
            connection.execute("create database gerance template template0")

    def _own_directory(self, path: Path) -> None:
        path.mkdir(mode=0o700, exist_ok=True)
        path.chmod(0o700)
        if self.account is not None:
            os.chown(path, self.account.pw_uid, self.account.pw_gid)

    def _write(self, name: str, text: str) -> None:
        path = self.data / name
        path.write_text(text)
        path.chmod(0o600)
        if self.account is not None:
            os.chown(path, self.account.pw_uid, self.account.pw_gid)

    def _run(self, program: str, *arguments: Any) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.binaries / program, *arguments],
            capture_output=True,
            text=True,
            check=False,
            **self._identity(),
        )

    def _identity(self) -> dict[str, Any]:
        """How each of PostgreSQL's programs runs: as its account, with a plain environment."""
        whom: dict[str, Any] = {
            "stdin": subprocess.DEVNULL,
            "cwd": "/",
            "env": {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
            "umask": 0o077,
        }
        if self.account is not None:
            whom |= {"user": self.account.pw_uid, "group": self.account.pw_gid}
            whom["extra_groups"] = []
        return whom


def _ends_within(child: subprocess.Popen[bytes], seconds: float) -> bool:
    try:
        child.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True
