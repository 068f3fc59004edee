"""A restore job: writes objects back as files below the directory that the operator named.

The daemon applies neither mode nor times to files of a Python plugin, does not look at its
replace option, and does not create directories: all of that is done here.

Names are UTF-8 on the disk too, whatever the daemon's locale says: many have none, and Python
would take every other character for a mistake.
"""

from __future__ import annotations

import errno
import os
import stat

from s3stream.bareos.messages import Messages
from s3stream.bareos.metadata import FAILED, PREFIX, encode
from s3stream.bareos.summary import number, volume

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional

#: The replace options of a restore, as the characters that the daemon passes on.
ALWAYS, IF_NEWER, NEVER, IF_OLDER = ord("a"), ord("w"), ord("n"), ord("o")


class RefusedError(Exception):
    """A name that must not be written to; says why."""


class Restore:
    """One restore job; at most one file is open at a time."""

    def __init__(self, bareosfd: Any, messages: Messages) -> None:
        """Nothing is written before the first file."""
        self._fd = bareosfd
        self._messages = messages
        self._path: Optional[str] = None
        self._file: Optional[int] = None
        self._stat: Optional[Any] = None
        self._checked_directory: Optional[str] = None
        self._takes_attributes = True
        self._has_holes = False
        self._is_broken = False
        self.files = 0
        self.bytes = 0
        self.kept = 0
        self.failed = 0

    def create(self, packet: Any) -> int:
        """Answers `create_file`: makes the directories, and says whether to extract."""
        fd = self._fd
        self._abandon()
        path, where = packet.ofname, packet.where or ""
        try:
            self._check(path, where)
            if packet.type == fd.FT_DIREND:
                os.makedirs(encode(path), exist_ok=True)
                packet.create_status = fd.CF_CREATED
                return int(fd.bRC_OK)
            os.makedirs(encode(os.path.dirname(path)), exist_ok=True)
            self._check_links(path, where)
            if not self._replaces(path, packet):
                self.kept += 1
                packet.create_status = fd.CF_SKIP
                return int(fd.bRC_OK)
        except (OSError, RefusedError) as error:
            self.failed += 1
            self._messages.error(f"{path} cannot be restored: {reason(error)}")
            packet.create_status = fd.CF_ERROR
            return int(fd.bRC_OK)
        self._path = path
        packet.create_status = fd.CF_EXTRACT
        return int(fd.bRC_OK)

    @staticmethod
    def _check(path: str, where: str) -> None:
        """Refuses a name that leaves `where`; names of ours never do, a catalogue may lie."""
        base = where.rstrip("/") + "/"
        if where and not path.startswith(base):
            raise RefusedError(f"it is not below {where}")
        rest = path[len(base) :] if where else path
        if ".." in rest.split("/"):
            raise RefusedError("its name leaves the directory ('..')")
        if "\0" in path or not path.startswith("/"):
            raise RefusedError("its name is no absolute path")

    def _check_links(self, path: str, where: str) -> None:
        """Refuses a directory that a symbolic link leads out of `where`."""
        directory = os.path.dirname(path)
        if not where or directory == self._checked_directory:
            return
        base = os.path.realpath(encode(where)).rstrip(b"/") + b"/"
        if not (os.path.realpath(encode(directory)) + b"/").startswith(base):
            raise RefusedError(f"a symbolic link leads out of {where}")
        self._checked_directory = directory

    @staticmethod
    def _replaces(path: str, packet: Any) -> bool:
        """Whether the file is to be written, by the replace option of the restore."""
        try:
            there = os.lstat(encode(path))
        except FileNotFoundError:
            return True
        if stat.S_ISDIR(there.st_mode):
            raise RefusedError("a directory of that name is there")
        if packet.replace == NEVER:
            return False
        if packet.replace == IF_NEWER:
            return bool(packet.statp.st_mtime > there.st_mtime)
        if packet.replace == IF_OLDER:
            return bool(packet.statp.st_mtime < there.st_mtime)
        return True

    def io_open(self, iop: Any) -> int:
        """Makes the file anew; never writes through a link."""
        path = self._path
        if path is None or iop.fname not in (None, path):
            return self._io_error(iop, errno.EINVAL)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        try:
            # What is there may be a link to a file that is none of this restore's.
            if os.path.lexists(encode(path)):
                os.unlink(encode(path))
            self._file = os.open(encode(path), flags, 0o600)
        except OSError as error:
            self.failed += 1
            return self._io_error(iop, error.errno)
        self._has_holes = self._is_broken = False
        iop.status = 0
        return int(self._fd.bRC_OK)

    def io_write(self, iop: Any) -> int:
        """Writes a block, all of it."""
        if self._file is None:
            return self._io_error(iop, errno.EBADF)
        rest = memoryview(iop.buf)[: iop.count]
        try:
            while rest:
                rest = rest[os.write(self._file, rest) :]
        except OSError as error:
            return self._broken(iop, error)
        iop.status = iop.count
        iop.io_errno = 0
        return int(self._fd.bRC_OK)

    def io_seek(self, iop: Any) -> int:
        """Moves on over a hole that the daemon kept out of the backup."""
        if self._file is None:
            return self._io_error(iop, errno.EBADF)
        try:
            os.lseek(self._file, iop.offset, iop.whence)
        except OSError as error:
            return self._broken(iop, error)
        self._has_holes = True
        iop.status = 0
        return int(self._fd.bRC_OK)

    def _broken(self, iop: Any, error: OSError) -> int:
        """Counts a file that cannot be written to its end: the daemon tells it, and closes it."""
        self.failed += not self._is_broken
        self._is_broken = True
        return self._io_error(iop, error.errno)

    def set_attributes(self, packet: Any) -> int:
        """Keeps mode and times for the close: this comes before it."""
        if packet.ofname == self._path:
            self._stat = packet.statp
        return int(self._fd.bRC_OK)

    def io_close(self, iop: Any) -> int:
        """Closes the file, with its mode and times."""
        iop.status = 0
        if self._file is None:
            return int(self._fd.bRC_OK)
        file, self._file = self._file, None
        if self._is_broken:
            os.close(file)
            return int(self._fd.bRC_OK)
        try:
            size = self._complete(file)
        except OSError as error:
            self.failed += 1
            self._messages.error(f"{self._path}: {reason(error)}")
            return self._io_error(iop, error.errno)
        finally:
            os.close(file)
        self.files += 1
        self.bytes += size
        return int(self._fd.bRC_OK)

    def _complete(self, file: int) -> int:
        size = os.fstat(file).st_size
        wanted = self._stat
        if wanted is None:
            return size
        if size < wanted.st_size and not self._has_holes:
            self._messages.error(
                f"{self._path} has {number(size)} bytes and the object had "
                f"{number(wanted.st_size)}: its backup had failed"
            )
        os.fchmod(file, stat.S_IMODE(wanted.st_mode))
        os.utime(file, (wanted.st_atime, wanted.st_mtime))
        return size

    def set_attribute(self, packet: Any) -> int:
        """Sets an extended attribute, where the file system takes them."""
        if self._path is None:
            return int(self._fd.bRC_OK)
        name, value = bytes(packet.name).rstrip(b"\0"), bytes(packet.value)
        said = value.decode("utf-8", "replace")
        if name == f"{PREFIX}verdict".encode() and said.startswith(FAILED):
            self._messages.error(f"{self._path} was not whole when it was backed up: {said}")
        if not self._takes_attributes or not name.startswith(PREFIX.encode()):
            return int(self._fd.bRC_OK)
        try:
            os.setxattr(encode(self._path), name, value, follow_symlinks=False)
        except OSError as error:
            self._takes_attributes = error.errno not in (errno.ENOTSUP, errno.ENOSYS)
            why = "the file system takes none" if not self._takes_attributes else reason(error)
            self._messages.info(f"{self._path}: no extended attributes are restored: {why}")
        return int(self._fd.bRC_OK)

    def end_file(self) -> int:
        """Answers `end_restore_file`."""
        self._abandon()
        return int(self._fd.bRC_OK)

    def end(self) -> None:
        """Writes the summary."""
        self._abandon()
        self._messages.info(
            f"restored {number(self.files)} files ({volume(self.bytes)}), "
            f"kept {number(self.kept)} that were there, failed {number(self.failed)}"
        )

    def _abandon(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            os.close(file)
        self._path = None
        self._stat = None

    def _io_error(self, iop: Any, number_: Optional[int]) -> int:
        iop.status = -1
        iop.io_errno = number_ or errno.EIO
        return int(self._fd.bRC_Error)


def reason(error: Exception) -> str:
    """An error without the file name, which the message has already."""
    if isinstance(error, OSError) and error.errno:
        return os.strerror(error.errno)
    return str(error)
