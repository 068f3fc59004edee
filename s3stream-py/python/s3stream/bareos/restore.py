"""A restore job: writes objects back as files below the directory that the operator named.

The daemon applies neither mode nor times to files of a Python plugin, does not look at its
replace option, and does not create directories: all of that is done here, in `place` and
`newfile`.

Names are UTF-8 on the disk too, whatever the daemon's locale says: many have none, and Python
would take every other character for a mistake.
"""

from __future__ import annotations

import errno
import os

from s3stream.bareos.messages import TOLD_FAILURES, Messages
from s3stream.bareos.metadata import FAILED, PREFIX
from s3stream.bareos.newfile import NewFile, is_replaced
from s3stream.bareos.place import Place, RefusedError
from s3stream.bareos.summary import number, volume
from s3stream.bareos.within import Within

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional

#: Where these are the answer for one file, they are for every other.
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)


class Restore:
    """One restore job; at most one file is open at a time."""

    def __init__(self, bareosfd: Any, messages: Messages) -> None:
        """Nothing is written before the first file."""
        self._fd = bareosfd
        self._messages = messages
        self._place = Place()
        self._within = Within()
        self._path = ""
        self._file: Optional[NewFile] = None
        self._stat: Optional[Any] = None
        self._takes_attributes = True
        #: Whether the file of now cannot be written to its end.
        self._is_broken = False
        #: Whether nothing more can be written: that was said, and the job ends.
        self._is_full = False
        self.files = 0
        self.bytes = 0
        self.kept = 0
        self.failed = 0
        #: Objects that are another job's to restore.
        self.outside = 0

    def hear(self, line: str) -> None:
        """Takes what the options say of a restore; raises OptionError."""
        self._within.hear(line)

    def create(self, packet: Any) -> int:
        """Answers `create_file`: makes directories and the file, and says whether to extract."""
        self._abandon()
        self._path = packet.ofname
        if self._is_full:
            packet.create_status = self._fd.CF_SKIP
            return int(self._fd.bRC_OK)
        try:
            packet.create_status = self._created(packet, packet.where or "")
        except (OSError, RefusedError) as error:
            self._fail(error, "cannot be restored")
            # The daemon has a line of its own for each error.
            is_told = self.failed <= TOLD_FAILURES and not self._is_full
            packet.create_status = self._fd.CF_ERROR if is_told else self._fd.CF_SKIP
        return int(self._fd.bRC_OK)

    def _created(self, packet: Any, where: str) -> int:
        """Makes what the packet names; returns what the daemon is to do next."""
        fd = self._fd
        if not self._within.has(_stored(self._path, where)):
            self.outside += 1
            return int(fd.CF_SKIP)
        if packet.type == fd.FT_DIREND:
            os.close(self._place.directory(self._path, where))
            return int(fd.CF_CREATED)
        directory, name = self._place.parent(self._path, where)
        try:
            modified = 0 if packet.statp is None else packet.statp.st_mtime
            is_wanted = is_replaced(directory, name, packet.replace, modified)
        except BaseException:
            os.close(directory)
            raise
        if not is_wanted:
            os.close(directory)
            self.kept += 1
            return int(fd.CF_SKIP)
        self._file = NewFile(directory, name)
        self._is_broken = False
        return int(fd.CF_EXTRACT)

    def _fail(self, error: Exception, what: str) -> None:
        """Counts a file that is not restored, and says why: once for all on a full disk."""
        self.failed += 1
        if isinstance(error, OSError) and error.errno in FULL:
            self._is_full = True
            self._messages.fatal(f"{self._path} {what}, and nothing after it: {reason(error)}")
        else:
            self._messages.failure(f"{self._path} {what}: {reason(error)}")

    def io_open(self, iop: Any) -> int:
        """The file is open since it was created."""
        if self._file is None or iop.fname not in (None, self._path):
            return self._io_error(iop, errno.EINVAL)
        iop.status = 0
        return int(self._fd.bRC_OK)

    def io_write(self, iop: Any) -> int:
        """Writes a block, all of it."""
        if self._file is None or self._is_broken:
            return self._io_error(iop, errno.EBADF)
        try:
            self._file.write(memoryview(iop.buf)[: iop.count])
        except OSError as error:
            return self._broken(iop, error)
        iop.status = iop.count
        iop.io_errno = 0
        return int(self._fd.bRC_OK)

    def io_seek(self, iop: Any) -> int:
        """Moves on over a hole that the daemon kept out of the backup."""
        if self._file is None or self._is_broken:
            return self._io_error(iop, errno.EBADF)
        try:
            self._file.seek(iop.offset, iop.whence)
        except OSError as error:
            return self._broken(iop, error)
        iop.status = 0
        return int(self._fd.bRC_OK)

    def _broken(self, iop: Any, error: OSError) -> int:
        self._is_broken = True
        self._fail(error, "cannot be written to its end")
        return self._io_error(iop, error.errno)

    def set_attributes(self, packet: Any) -> int:
        """Keeps mode and times for the close: this comes before it."""
        if packet.ofname == self._path:
            self._stat = packet.statp
        return int(self._fd.bRC_OK)

    def io_close(self, iop: Any) -> int:
        """Puts the file into its place, with its mode and times."""
        iop.status = 0
        file = self._file
        if file is None or self._is_broken:
            return int(self._fd.bRC_OK)
        try:
            size = file.size()
            self._say_if_short(file)
            file.keep(self._stat)
        except (OSError, RefusedError) as error:
            self._is_broken = True
            self._fail(error, "cannot be restored")
            return self._io_error(iop, getattr(error, "errno", None))
        self.files += 1
        self.bytes += size
        return int(self._fd.bRC_OK)

    def _say_if_short(self, file: NewFile) -> None:
        wanted = 0 if self._stat is None else self._stat.st_size
        if file.is_short_of(wanted):
            self._messages.failure(
                f"{self._path} has {number(file.size())} bytes and the object had "
                f"{number(wanted)}: its backup had failed"
            )

    def set_attribute(self, packet: Any) -> int:
        """Sets an extended attribute, where the file system takes them."""
        file = self._file
        if file is None or self._is_broken:
            return int(self._fd.bRC_OK)
        name, value = bytes(packet.name).rstrip(b"\0"), bytes(packet.value)
        said = value.decode("utf-8", "replace")
        if name == f"{PREFIX}verdict".encode() and said.startswith(FAILED):
            self._messages.failure(f"{self._path} was not whole when it was backed up: {said}")
        if not self._takes_attributes or not name.startswith(PREFIX.encode()):
            return int(self._fd.bRC_OK)
        try:
            file.set_attribute(name, value)
        except OSError as error:
            self._takes_attributes = error.errno not in (errno.ENOTSUP, errno.ENOSYS)
            why = "the file system takes none" if not self._takes_attributes else reason(error)
            self._messages.note(f"{self._path}: no extended attributes are restored: {why}")
        return int(self._fd.bRC_OK)

    def end_file(self) -> int:
        """Answers `end_restore_file`."""
        self._abandon()
        return int(self._fd.bRC_OK)

    def end(self) -> None:
        """Writes the summary."""
        self._abandon()
        self._place.close()
        self._messages.info(
            f"restored {number(self.files)} files ({volume(self.bytes)}), "
            f"kept {number(self.kept)} that were there, failed {number(self.failed)}"
        )
        if self.outside:
            self._messages.info(f"left to other jobs, by their keys: {number(self.outside)}")

    def _abandon(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            file.close()
        self._path = ""
        self._stat = None

    def _io_error(self, iop: Any, number_: Optional[int]) -> int:
        iop.status = -1
        iop.io_errno = number_ or errno.EIO
        return int(self._fd.bRC_Error)


def _stored(path: str, where: str) -> str:
    """The name in the catalogue of what is to be restored as `path`, below `where`."""
    return path[len(where) :] if where and path.startswith(where) else path


def reason(error: Exception) -> str:
    """An error without the file name, which the message has already."""
    if isinstance(error, OSError) and error.errno:
        return os.strerror(error.errno)
    return str(error)
