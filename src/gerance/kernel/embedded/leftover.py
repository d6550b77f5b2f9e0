"""A postmaster whose starter is gone: find it, stop it, wait for its end."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

FAST_SECONDS = 5.0
IMMEDIATE_SECONDS = 5.0


def recorded_pid(data: Path) -> list[str]:
    """Lines of `postmaster.pid`: pid, data directory, start, port, socket directory, ..., status.

    Empty when there is none.
    """
    try:
        return [line.strip() for line in (data / "postmaster.pid").read_text().splitlines()]
    except FileNotFoundError:
        return []


def clear(data: Path) -> None:
    """Stop a server that still runs on a data directory that no process uses."""
    lines = recorded_pid(data)
    if not lines:
        return
    pid = int(lines[0])
    if runs(pid, data):
        halt(pid, lambda seconds: _ends_within(pid, data, seconds))
    # A crash leaves the file, and its pid may belong to another program by now, which would make
    # PostgreSQL refuse. Backends that still run are seen by their shared memory, not by this file.
    (data / "postmaster.pid").unlink(missing_ok=True)
    sockets = Path(lines[4]) if len(lines) > 4 else data
    if sockets.name.startswith("gerance-") and sockets.parent != data.parent:
        shutil.rmtree(sockets, ignore_errors=True)


def halt(pid: int, ends_within: Callable[[float], bool]) -> None:
    """Shut a postmaster down: politely (open transactions roll back), then at once.

    Both lose nothing that was committed; after the second the next start recovers from the log.
    """
    for how, seconds in (
        (signal.SIGINT, FAST_SECONDS),
        (signal.SIGQUIT, IMMEDIATE_SECONDS),
        (signal.SIGKILL, IMMEDIATE_SECONDS),
    ):
        try:
            os.kill(pid, how)
        except ProcessLookupError:
            return
        if ends_within(seconds):
            return


def runs(pid: int, data: Path) -> bool:
    """Whether `pid` is a live postmaster of this data directory."""
    process = Path(f"/proc/{pid}")
    if process.parent.joinpath("self").exists():
        try:
            # A zombie has no working directory: it has ended, only its parent has not reaped it.
            return (process / "comm").read_text().strip() == "postgres" and (
                process / "cwd"
            ).samefile(data)
        except (FileNotFoundError, ProcessLookupError):
            return False
    process_state = subprocess.run(
        ["/bin/ps", "-o", "stat=,command=", "-p", str(pid)],
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    return str(data) in process_state and not process_state.startswith("Z")


def _ends_within(pid: int, data: Path, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while runs(pid, data):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
