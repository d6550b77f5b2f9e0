"""The files of a partner over SFTP, isolated from the rest of the machine.

A partner reads everything in its folder, and writes, renames and removes files in /inbox only.
Requests for links, new directories, owners and modes are rejected. Times and modes, which clients
set after each upload, are accepted and ignored.
"""

import errno
import os
import stat
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import NoReturn

import asyncssh
import structlog
from asyncssh import SFTPAttrs, SFTPName
from asyncssh.constants import (
    FILEXFER_TYPE_DIRECTORY,
    FILEXFER_TYPE_REGULAR,
    FXF_APPEND,
    FXF_CREAT,
    FXF_EXCL,
    FXF_READ,
    FXF_TRUNC,
    FXF_WRITE,
)

from gerance.partners.billing_exchange.folders import Folder
from gerance.partners.billing_exchange.places import INBOX, FilePath, resolve
from gerance.partners.billing_exchange.uploads import Upload

log = structlog.get_logger("gerance.sftp")

MOST_OPEN = 16
"""Files and uploads that a session may have open."""
MOST_LISTINGS = 10_000
"""Listings of a session: the library never frees those that a client does not close."""
LONGEST_READ = 4 * 1024 * 1024


class Download:
    """A file that a client is reading."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor


class PartnerFiles(asyncssh.SFTPServer):
    """Answers the requests of an SFTP session in one partner's folder.

    `has_ended`: whether the client is gone, so that an open upload is incomplete; `on_request` is
    called with each request.
    """

    def __init__(
        self,
        channel: "asyncssh.SSHServerChannel[bytes]",
        *,
        folder: Folder,
        pending: Counter[str],
        has_ended: Callable[[], bool],
        on_request: Callable[[], None],
    ) -> None:
        super().__init__(channel)
        self._folder = folder
        self._pending = pending
        self._has_ended = has_ended
        self._on_request = on_request
        self._open = 0
        self._listings = 0

    def open(self, path: bytes, pflags: int, attrs: SFTPAttrs) -> object:
        place = self._place(path)
        if self._open >= MOST_OPEN:
            raise OSError(errno.EMFILE, f"at most {MOST_OPEN} open files: close some")
        if pflags & FXF_WRITE:
            file: Upload | Download = self._begin_upload(place, pflags)
        else:
            if not place.name:
                raise IsADirectoryError(errno.EISDIR, "a directory")
            file = Download(self._folder.open_to_read(place))
        self._open += 1
        return file

    def _begin_upload(self, place: FilePath, pflags: int) -> Upload:
        _writable(place)
        exists = self._is_there(place)
        if pflags & (FXF_READ | FXF_APPEND):
            raise asyncssh.SFTPOpUnsupported(
                "a file must be written completely, from its beginning"
            )
        if exists and pflags & FXF_EXCL:
            raise FileExistsError(errno.EEXIST, "a file has that name")
        if not exists and not pflags & FXF_CREAT:
            raise FileNotFoundError(errno.ENOENT, "no such file")
        # scp does not ask to truncate what it overwrites, and some releases never truncate it.
        is_overwritten = exists and not pflags & FXF_TRUNC
        return Upload(self._folder, place, self._pending, in_order=is_overwritten)

    def open56(self, path: bytes, desired_access: int, flags: int, attrs: SFTPAttrs) -> NoReturn:
        raise asyncssh.SFTPOpUnsupported("version 3 of the protocol is language_of_call here")

    async def close(self, file_obj: object) -> None:
        self._on_request()
        self._open -= 1
        if isinstance(file_obj, Download):
            os.close(file_obj.descriptor)
        elif isinstance(file_obj, Upload):
            if self._has_ended():
                file_obj.abandon()
                log.info("upload cut off", partner=self._folder.code, file=file_obj.place.path)
                return
            await file_obj.finish()
            log.info("file received", partner=self._folder.code, file=file_obj.place.path)

    def read(self, file_obj: object, offset: int, size: int) -> bytes:
        self._on_request()
        if not isinstance(file_obj, Download):
            raise PermissionError(errno.EACCES, "opened to write")
        return os.pread(file_obj.descriptor, min(size, LONGEST_READ), _offset(offset))

    def write(self, file_obj: object, offset: int, data: bytes) -> int:
        self._on_request()
        if not isinstance(file_obj, Upload):
            raise PermissionError(errno.EACCES, "opened to read")
        return file_obj.write(_offset(offset), data)

    def lstat(self, path: bytes) -> SFTPAttrs:
        place = self._place(path)
        return _attributes(self._folder.stat(place), place)

    def stat(self, path: bytes) -> SFTPAttrs:
        return self.lstat(path)

    def fstat(self, file_obj: object) -> SFTPAttrs:
        self._on_request()
        if isinstance(file_obj, Upload):
            return _attributes(file_obj.stat(), file_obj.place)
        assert isinstance(file_obj, Download)
        return _attributes(os.fstat(file_obj.descriptor), FilePath("", "file"))

    def setstat(self, path: bytes, attrs: SFTPAttrs) -> None:
        place = self._place(path)
        _writable(place)
        self._folder.stat(place)
        if attrs.size is not None:
            raise asyncssh.SFTPOpUnsupported(
                "a file must be written completely, from its beginning"
            )

    def lsetstat(self, path: bytes, attrs: SFTPAttrs) -> None:
        self.setstat(path, attrs)

    def fsetstat(self, file_obj: object, attrs: SFTPAttrs) -> None:
        self._on_request()
        if not isinstance(file_obj, Upload):
            raise PermissionError(errno.EACCES, "opened to read")
        if attrs.size is not None:
            file_obj.truncate(_offset(attrs.size))

    def scandir(self, path: bytes) -> AsyncIterator[SFTPName]:
        place = self._place(path)
        self._listings += 1
        if self._listings > MOST_LISTINGS:
            raise OSError(errno.EMFILE, "too many listings: log in again")
        if place.name:
            self._folder.stat(place)
            raise NotADirectoryError(errno.ENOTDIR, "not a directory")
        return self._listing(place)

    async def _listing(self, place: FilePath) -> AsyncIterator[SFTPName]:
        facts = _attributes(self._folder.stat(place), place)
        for own in (b".", b".."):
            yield SFTPName(own, attrs=facts)
        for name, facts_of_entry in self._folder.entries(place.directory):
            below = resolve(os.fsencode(f"{place.path}/{name}"))
            yield SFTPName(os.fsencode(name), attrs=_attributes(facts_of_entry, below))

    def remove(self, path: bytes) -> None:
        place = self._place(path)
        _writable(place)
        self._folder.remove(place)

    def rename(self, oldpath: bytes, newpath: bytes) -> None:
        self._rename(oldpath, newpath, replace=False)

    def posix_rename(self, oldpath: bytes, newpath: bytes) -> None:
        self._rename(oldpath, newpath, replace=True)

    def _rename(self, oldpath: bytes, newpath: bytes, *, replace: bool) -> None:
        old, new = self._place(oldpath), self._place(newpath)
        _writable(old)
        _writable(new)
        self._folder.rename(old, new, replace=replace)

    def realpath(self, path: bytes) -> bytes:
        return self._place(path).path.encode()

    def mkdir(self, path: bytes, attrs: SFTPAttrs) -> NoReturn:
        place = self._place(path)
        if self._is_there(place):
            # Version 3 has no code for it. With this one `mkdir -p` of clients looks what is there.
            raise asyncssh.SFTPFailure("there is a directory or file of that name already")
        raise PermissionError(errno.EACCES, "directories cannot be created")

    def rmdir(self, path: bytes) -> NoReturn:
        raise PermissionError(errno.EACCES, "directories cannot be removed")

    def readlink(self, path: bytes) -> NoReturn:
        raise asyncssh.SFTPOpUnsupported("links are not supported")

    def symlink(self, oldpath: bytes, newpath: bytes) -> NoReturn:
        raise asyncssh.SFTPOpUnsupported("links are not supported")

    def link(self, oldpath: bytes, newpath: bytes) -> NoReturn:
        raise asyncssh.SFTPOpUnsupported("links are not supported")

    def lock(self, file_obj: object, offset: int, length: int, flags: int) -> NoReturn:
        raise asyncssh.SFTPOpUnsupported("locks are not supported")

    def unlock(self, file_obj: object, offset: int, length: int) -> NoReturn:
        raise asyncssh.SFTPOpUnsupported("locks are not supported")

    def statvfs(self, path: bytes) -> NoReturn:
        raise asyncssh.SFTPOpUnsupported("not supported")

    def fstatvfs(self, file_obj: object) -> NoReturn:
        raise asyncssh.SFTPOpUnsupported("not supported")

    def fsync(self, file_obj: object) -> None:
        """Nothing: a file is synced to disk when its client closes it."""
        self._on_request()

    def exit(self) -> None:
        """Send the exit status at the end of a session: without one `scp` fails."""
        with suppress(OSError):
            self.channel.exit(0)

    def format_user(self, uid: int | None) -> str:
        return "partner"

    def format_group(self, gid: int | None) -> str:
        return "partner"

    def _place(self, path: bytes) -> FilePath:
        self._on_request()
        return resolve(path)

    def _is_there(self, place: FilePath) -> bool:
        try:
            self._folder.stat(place)
        except FileNotFoundError:
            return False
        return True


def _writable(place: FilePath) -> None:
    """Raises PermissionError, except for files directly in /inbox."""
    if place.directory != INBOX or not place.name:
        raise PermissionError(errno.EACCES, "only files in /inbox may be changed")


def _offset(offset: int) -> int:
    if offset >= 1 << 62:
        raise OSError(errno.EINVAL, "the offset is too large")
    return offset


def _attributes(facts: os.stat_result, place: FilePath) -> SFTPAttrs:
    """The attributes of a file: its size, its times, and the partner's permissions."""
    directory = stat.S_ISDIR(facts.st_mode)
    is_inbox = place.directory == INBOX
    if directory:
        mode = stat.S_IFDIR | (0o700 if is_inbox and not place.name else 0o500)
    else:
        mode = stat.S_IFREG | (0o600 if is_inbox else 0o400)
    return SFTPAttrs(
        type=FILEXFER_TYPE_DIRECTORY if directory else FILEXFER_TYPE_REGULAR,
        size=0 if directory else facts.st_size,
        uid=0,
        gid=0,
        permissions=mode,
        atime=int(facts.st_mtime),
        mtime=int(facts.st_mtime),
        nlink=1,
    )
