"""The paths in a partner's folder: resolution from text.

The tree is fixed: `/outbox`, `/inbox` and `/inbox/rejected`, and files in them. There are no other
directories and no links.
"""

import errno
import os
from typing import NamedTuple

OUTBOX = "outbox"
INBOX = "inbox"
REJECTED = "inbox/rejected"
DIRECTORIES = ("", OUTBOX, INBOX, REJECTED)

LONGEST_PATH = 1024
LONGEST_NAME = 200
"""Bytes of a file name. File systems allow 255, and a temporary name is longer."""


class FilePath(NamedTuple):
    """A directory of the tree (`""`: its root), and a file in it (`""`: the directory itself)."""

    directory: str
    name: str

    @property
    def path(self) -> str:
        """The path as the partner sees it, from `/`."""
        return "/" + "/".join(part for part in self if part)


def resolve(path: bytes) -> FilePath:
    """Resolve a path of a client from the root of the partner's tree.

    `.` and `..` are resolved as text, without reading the file system; `..` at the root stays
    there. Raises OSError: EILSEQ for a path that is not UTF-8 or has invalid characters,
    ENAMETOOLONG, ENOENT for a directory that does not exist.
    """
    if len(path) > LONGEST_PATH:
        raise OSError(errno.ENAMETOOLONG, "path too long")
    try:
        text = path.decode()
    except UnicodeDecodeError:
        raise OSError(errno.EILSEQ, "not UTF-8") from None
    parts: list[str] = []
    for part in text.split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in ("", "."):
            parts.append(part)
    full_path = "/".join(parts)
    if full_path in DIRECTORIES:
        return FilePath(full_path, "")
    directory, _, name = full_path.rpartition("/")
    if directory not in DIRECTORIES:
        raise FileNotFoundError(errno.ENOENT, "no such directory")
    return FilePath(directory, check_name(name))


def check_name(name: str) -> str:
    """A valid file name. Raises OSError: EILSEQ, ENAMETOOLONG.

    Names have no control characters and no backslashes, which other systems interpret differently.
    """
    if len(os.fsencode(name)) > LONGEST_NAME:
        raise OSError(errno.ENAMETOOLONG, "name too long")
    if not name or name in (".", "..") or "/" in name or "\\" in name or not name.isprintable():
        raise OSError(errno.EILSEQ, "invalid file name")
    return name
