"""Files that only this account may read, written in one step."""

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path


def create_private(path: Path, content: bytes) -> None:
    """Make the file, unless there is one: of several processes the first one counts."""
    if path.exists():
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _write(path, content) as temporary, contextlib.suppress(FileExistsError):
        os.link(temporary, path)


def replace_private(path: Path, content: bytes) -> None:
    """Put the file in the place of the one that is there."""
    with _write(path, content) as temporary:
        temporary.replace(path)


@contextlib.contextmanager
def _write(path: Path, content: bytes) -> Iterator[Path]:
    """A file beside `path` with the content, on the disk; it is gone at the end of the block."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with open(descriptor, "wb") as file:
            file.write(content)
            os.fsync(file.fileno())
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)
