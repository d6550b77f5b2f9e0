"""Uploads of partners, invisible until the client closes the file."""

import contextlib
import errno
import os
from collections import Counter

import anyio.to_thread

from gerance.partners.billing_exchange.folders import QUOTA_BYTES, QUOTA_FILES, Folder
from gerance.partners.billing_exchange.places import FilePath


class Upload:
    """A file that is being uploaded to /inbox.

    `pending` counts the bytes of all current uploads of each partner. Sizes are apparent sizes: a
    hole in a file counts like data. `in_order`: it must be written from its beginning, without
    holes, because the client could want to continue the file that is there.
    """

    def __init__(
        self, folder: Folder, place: FilePath, pending: Counter[str], *, in_order: bool = False
    ) -> None:
        """Raises OSError (EDQUOT) when the quota of files is reached."""
        self._in_order = in_order
        self.place = place
        self._folder = folder
        self._pending = pending
        self._size = 0
        self._broken = False
        files, self._counted_bytes = folder.usage()
        if files >= QUOTA_FILES and not self._replaces():
            raise OSError(errno.EDQUOT, f"no more than {QUOTA_FILES} files: remove some first")
        self._temporary, self._descriptor = folder.open_to_write()

    def write(self, offset: int, data: bytes) -> int:
        """Raises OSError (EDQUOT) beyond the quota, EINVAL for a part of a file that is already
        there; the upload is then worth nothing."""
        try:
            if self._in_order and offset > self._size:
                raise OSError(errno.EINVAL, "a file must be written from its beginning")
            self._grow(offset + len(data))
            return os.pwrite(self._descriptor, data, offset)
        except OSError:
            self._broken = True
            raise

    def stat(self) -> os.stat_result:
        return os.fstat(self._descriptor)

    def truncate(self, size: int) -> None:
        """Raises OSError (EDQUOT) beyond the quota."""
        self._grow(size)
        os.ftruncate(self._descriptor, size)

    async def finish(self) -> None:
        """Show the file, once it is on the disk. Raises OSError when it cannot be kept."""
        try:
            if self._broken:
                raise OSError(errno.EIO, "not all of it could be written: nothing is kept")
            await anyio.to_thread.run_sync(os.fsync, self._descriptor)
            files, usage = self._folder.usage()
            room = files < QUOTA_FILES or self._replaces()
            if not room or usage + self.stat().st_size > QUOTA_BYTES:
                raise OSError(errno.EDQUOT, "the quota is usage up: remove some files first")
            self._folder.publish(self._temporary, self.place, replace=True)
        except BaseException:
            self._folder.discard(self._temporary)
            raise
        finally:
            self._release()

    def abandon(self) -> None:
        """Discard the upload: the client did not close the file, so it may be incomplete."""
        # What cannot be removed now goes with the abandoned ones.
        with contextlib.suppress(OSError):
            self._folder.discard(self._temporary)
        self._release()

    def _grow(self, size: int) -> None:
        more = size - self._size
        if more > 0:
            if self._counted_bytes + self._pending[self._folder.code] + more > QUOTA_BYTES:
                raise OSError(errno.EDQUOT, f"the quota of {QUOTA_BYTES} bytes is usage up")
            self._pending[self._folder.code] += more
            self._size = size

    def _replaces(self) -> bool:
        try:
            self._folder.stat(self.place)
        except FileNotFoundError:
            return False
        return True

    def _release(self) -> None:
        os.close(self._descriptor)
        self._pending[self._folder.code] -= self._size
        self._size = 0
