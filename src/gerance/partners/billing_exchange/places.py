"""The paths that a partner may name: text in, one of a few places out.

A partner's tree is fixed: `/outbox` and `/inbox` with `/inbox/rejected`, and files in them. Nobody
makes a directory or a link there, so a path that names anything else names nothing.
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
"""Bytes of a file's name; file systems take 255, and a temporary name needs some more."""


class FilePath(NamedTuple):
    """A directory of the partner's tree (`""` is its top), and a file in it or `""` for itself."""

    directory: str
    name: str

    @property
    def path(self) -> str:
        """As the partner writes it, from `/`."""
        return "/" + "/".join(part for part in self if part)


def resolve(path: bytes) -> FilePath:
    """The place that a path of a client names, read from the top of the partner's tree.

    `.` and `..` are taken out as text, and `..` at the top stays there: nothing of this machine is
    looked at. Raises OSError: EILSEQ for a path that is no text or has a character that no name
    has, ENAMETOOLONG, ENOENT for a directory that is not there.
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
    """A name that a file may have here. Raises OSError: EILSEQ, ENAMETOOLONG.

    Control characters and backslashes, which other systems read as something else, are in no name.
    """
    if len(os.fsencode(name)) > LONGEST_NAME:
        raise OSError(errno.ENAMETOOLONG, "name too long")
    if not name or name in (".", "..") or "/" in name or "\\" in name or not name.isprintable():
        raise OSError(errno.EILSEQ, "not a name that a file may have here")
    return name
