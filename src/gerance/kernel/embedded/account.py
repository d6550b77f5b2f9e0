"""Who the embedded database runs as: PostgreSQL refuses to run as root."""

import os
import pwd
import shutil
import stat
import subprocess
import time
from pathlib import Path

from gerance.kernel.embedded.failure import EmbeddedError

NAME = "gerance"
_OPTIONS = ["--system", "--user-group", "--no-create-home", "--home-dir", "/"]
_SEARCH = stat.S_IXGRP | stat.S_IXOTH
_READ = stat.S_IRGRP | stat.S_IROTH


def account() -> pwd.struct_passwd | None:
    """The system user that runs the database, created if we are root; None: our own user."""
    if os.geteuid() != 0:
        return None
    deadline = time.monotonic() + 10
    while (entry := _lookup()) is None:
        tool = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
        if tool is None:
            raise EmbeddedError(_advice("there is no useradd here"))
        result = subprocess.run(
            [tool, *_OPTIONS, NAME],
            capture_output=True,
            text=True,
            check=False,
        )
        # Two processes may do this at once: the one that comes second finds the user, or a lock.
        if result.returncode != 0 and time.monotonic() > deadline:
            raise EmbeddedError(_advice(result.stderr.strip()))
        if result.returncode != 0:
            time.sleep(0.1)
    return entry


def let_through(path: Path) -> None:
    """Let every user pass (not list, not read) the directories above `path`."""
    for directory in path.resolve().parents:
        mode = directory.stat().st_mode
        if mode & _SEARCH != _SEARCH:
            directory.chmod(stat.S_IMODE(mode) | _SEARCH)


def let_read(tree: Path) -> None:
    """Let every user read the files of `tree`, and run those that root may run."""
    for name, _, files in os.walk(tree):
        for path in [Path(name), *(Path(name, file) for file in files)]:
            mode = path.stat().st_mode
            needed_mode = mode | _READ | (_SEARCH if mode & stat.S_IXUSR else 0)
            if mode != needed_mode:
                path.chmod(stat.S_IMODE(needed_mode))


def _lookup() -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(NAME)
    except KeyError:
        return None


def _advice(reason: str) -> str:
    return (
        f"PostgreSQL does not run as root, and no user '{NAME}' could be made for it ({reason}): "
        "create that user, run as another user, or set GERANCE_DATABASE_URL"
    )
