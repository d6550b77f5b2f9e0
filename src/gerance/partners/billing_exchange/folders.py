"""The folder of a partner, isolated from the rest of the machine.

Files are opened through descriptors, directory by directory, without following links: replacing a
directory by a link between two steps leads to an error, not to another file. Files appear
complete: they are written to a temporary directory and renamed.
"""

import errno
import os
import re
import secrets
import stat
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from gerance.partners.billing_exchange.places import (
    DIRECTORIES,
    INBOX,
    FilePath,
    check_name,
)

QUOTA_BYTES = 64 * 1024 * 1024
"""The maximum size of a partner's /inbox and its uploads together."""
QUOTA_FILES = 200
"""The maximum number of files in a partner's /inbox."""
ABANDONED_SECONDS = 86_400
"""The age at which a temporary file is deleted."""

_UPLOADS = ".uploads"
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class Folder:
    """The folder of a partner below `root`, created on first use."""

    def __init__(self, root: Path, code: str) -> None:
        """Raises ValueError for a code that is not a valid name."""
        if _CODE.fullmatch(code) is None or code.endswith("."):
            raise ValueError(f"{code!r} is not a valid folder name")
        self.code = code
        self._path = root / code

    def prepare(self) -> None:
        """Create missing directories for this account only, and delete abandoned uploads."""
        for directory in (*DIRECTORIES, _UPLOADS):
            (self._path / directory).mkdir(mode=0o700, parents=True, exist_ok=True)
        with self.open_directory(_UPLOADS) as uploads:
            for name in os.listdir(uploads):
                try:
                    modified_at = os.stat(name, dir_fd=uploads, follow_symlinks=False).st_mtime
                    if modified_at < time.time() - ABANDONED_SECONDS:
                        os.unlink(name, dir_fd=uploads)
                except FileNotFoundError:
                    continue

    @contextmanager
    def open_directory(self, directory: str) -> Iterator[int]:
        """A descriptor of one of its directories, opened without following links."""
        descriptor = os.open(self._path, _DIRECTORY)
        try:
            for part in filter(None, directory.split("/")):
                below = os.open(part, _DIRECTORY, dir_fd=descriptor)
                os.close(descriptor)
                descriptor = below
            yield descriptor
        finally:
            os.close(descriptor)

    def stat(self, place: FilePath) -> os.stat_result:
        """The status of a directory or regular file. Raises FileNotFoundError for anything else."""
        with self.open_directory(place.directory) as directory:
            if not place.name:
                return os.fstat(directory)
            return _regular(os.stat(place.name, dir_fd=directory, follow_symlinks=False))

    def entries(self, directory: str) -> list[tuple[str, os.stat_result]]:
        """The names and statuses of the directories and regular files in a directory, by name."""
        files = []
        with self.open_directory(directory) as descriptor:
            for name in sorted(os.listdir(descriptor)):
                try:
                    facts = os.stat(name, dir_fd=descriptor, follow_symlinks=False)
                except FileNotFoundError:
                    continue
                is_standard = "/".join(filter(None, (directory, name))) in DIRECTORIES
                if stat.S_ISREG(facts.st_mode) or (is_standard and stat.S_ISDIR(facts.st_mode)):
                    files.append((name, facts))
        return files

    def open_to_read(self, place: FilePath) -> int:
        """A descriptor of a regular file. Raises OSError: ENOENT, ELOOP for a link."""
        with self.open_directory(place.directory) as directory:
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
            descriptor = os.open(place.name, flags, dir_fd=directory)
        try:
            _regular(os.fstat(descriptor))
        except OSError:
            os.close(descriptor)
            raise
        return descriptor

    def open_to_write(self) -> tuple[str, int]:
        """The name and descriptor of a new temporary file. `publish` or `discard` it."""
        name = secrets.token_hex(16)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        with self.open_directory(_UPLOADS) as uploads:
            return name, os.open(name, flags, 0o600, dir_fd=uploads)

    def publish(self, temporary: str, place: FilePath, *, replace: bool) -> None:
        """Rename a closed and synced temporary file to `place`, atomically.

        Raises FileExistsError when a file is there, unless `replace`.
        """
        with (
            self.open_directory(_UPLOADS) as uploads,
            self.open_directory(place.directory) as directory,
        ):
            _move(temporary, uploads, place.name, directory, replace=replace)
            os.fsync(directory)

    def discard(self, temporary: str) -> None:
        """Delete a temporary file."""
        with self.open_directory(_UPLOADS) as uploads:
            _unlink(temporary, uploads)

    def remove(self, place: FilePath) -> None:
        """Remove a regular file. Raises FileNotFoundError."""
        with self.open_directory(place.directory) as directory:
            _regular(os.stat(place.name, dir_fd=directory, follow_symlinks=False))
            os.unlink(place.name, dir_fd=directory)

    def rename(self, old: FilePath, new: FilePath, *, replace: bool) -> None:
        """Rename a regular file within its directory.

        Raises FileNotFoundError; FileExistsError when the new name exists, unless `replace`.
        """
        with self.open_directory(old.directory) as directory:
            _regular(os.stat(old.name, dir_fd=directory, follow_symlinks=False))
            if old.name != new.name:
                _move(old.name, directory, new.name, directory, replace=replace)

    def usage(self) -> tuple[int, int]:
        """The number of files in /inbox, and their bytes."""
        sizes = [facts.st_size for _, facts in self.entries(INBOX) if stat.S_ISREG(facts.st_mode)]
        return len(sizes), sum(sizes)

    @contextmanager
    def writing(self, directory: str, name: str) -> Iterator[BinaryIO]:
        """A file to write. It appears in the directory atomically when the block ends."""
        self.prepare()
        temporary, descriptor = self.open_to_write()
        try:
            with open(descriptor, "wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            self.publish(temporary, FilePath(directory, name), replace=True)
        except BaseException:
            self.discard(temporary)
            raise

    def deliver(self, directory: str, name: str, content: Iterable[bytes]) -> None:
        """Write a file atomically, replacing an existing one."""
        with self.writing(directory, name) as file:
            file.writelines(content)


def _regular(facts: os.stat_result) -> os.stat_result:
    if not stat.S_ISREG(facts.st_mode):
        raise FileNotFoundError(errno.ENOENT, "no such file")
    return facts


def _move(name: str, source: int, new_name: str, target: int, *, replace: bool) -> None:
    check_name(new_name)
    try:
        existing = os.stat(new_name, dir_fd=target, follow_symlinks=False)
    except FileNotFoundError:
        existing = None
    if existing is not None and (not replace or stat.S_ISDIR(existing.st_mode)):
        raise FileExistsError(errno.EEXIST, "a file has that name")
    os.rename(name, new_name, src_dir_fd=source, dst_dir_fd=target)


def _unlink(name: str, directory: int) -> None:
    try:
        os.unlink(name, dir_fd=directory)
    except FileNotFoundError:
        return
