"""A file of a restore on its way: under a name of its own, until it is all there.

What stood in its place stays there until then, whole; a link or a pipe of that name is replaced
and never written to. The daemon closes a file before it hands over extended attributes, so the
file stays open until it is let go: an attribute is set on what was written, whatever has its
name by then.
"""

from __future__ import annotations

import errno
import os
import stat

from s3stream.bareos.place import BESIDE, RefusedError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional

#: The replace options of a restore, as the characters that the daemon passes on.
ALWAYS, IF_NEWER, NEVER, IF_OLDER = ord("a"), ord("w"), ord("n"), ord("o")

#: Mode bits that a catalogue may ask for: whoever wrote the catalogue makes nobody root.
PERMISSIONS = 0o777

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class NewFile:
    """One file; `directory` is an open directory, which this takes over."""

    def __init__(self, directory: int, name: bytes) -> None:
        """Makes it under a temporary name; raises OSError."""
        self._directory = directory
        self._name = name
        # Short, whatever the length of the name, and not to be guessed.
        self._temporary: Optional[bytes] = b".s3stream-" + os.urandom(12).hex().encode()
        self._has_holes = False
        self._file: Optional[int] = None
        try:
            self._file = os.open(self._temporary, _NEW, 0o600, dir_fd=directory)
        except OSError:
            self._temporary = None
            self.close()
            raise

    def write(self, data: Any) -> None:
        """Writes all of it."""
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(self._descriptor, rest) :]

    def seek(self, offset: int, whence: int) -> None:
        """Moves on over a hole that the daemon kept out of the backup."""
        os.lseek(self._descriptor, offset, whence)
        self._has_holes = True

    def size(self) -> int:
        """How long it is by now."""
        return os.fstat(self._descriptor).st_size

    def is_short_of(self, size: int) -> bool:
        """Whether bytes are missing; where holes were left out, nobody knows."""
        return self.size() < size and not self._has_holes

    def keep(self, wanted: Optional[Any]) -> None:
        """Gives it mode and times, and then its name.

        Raises OSError or RefusedError; what stood there is there still.
        """
        if wanted is not None:
            os.fchmod(self._descriptor, stat.S_IMODE(wanted.st_mode) & PERMISSIONS)
            self._set_times(wanted)
        if self._temporary is None:
            raise OSError(errno.ENOENT, os.strerror(errno.ENOENT))
        try:
            self._rename(self._temporary)
        except IsADirectoryError:
            self._make_way()
            self._rename(self._temporary)
        self._temporary = None
        if not self._is_in_place():
            raise RefusedError("somebody else puts another file into its place")

    def _set_times(self, wanted: Any) -> None:
        try:
            os.utime(self._descriptor, (wanted.st_atime, wanted.st_mtime))
        except (OverflowError, ValueError):
            # No server has such a time: somebody wrote it into the catalogue.
            raise RefusedError("its time is none") from None

    def _rename(self, temporary: bytes) -> None:
        here = self._directory
        os.rename(temporary, self._name, src_dir_fd=here, dst_dir_fd=here)

    def _make_way(self) -> None:
        """Gives the directory of this file's name the name that it has beside the file."""
        here = self._directory
        os.rename(self._name, self._name + BESIDE, src_dir_fd=here, dst_dir_fd=here)

    def _is_in_place(self) -> bool:
        mine = os.fstat(self._descriptor)
        there = os.stat(self._name, dir_fd=self._directory, follow_symlinks=False)
        return (mine.st_dev, mine.st_ino) == (there.st_dev, there.st_ino)

    def set_attribute(self, name: bytes, value: bytes) -> None:
        """Sets an extended attribute; raises OSError."""
        os.setxattr(self._descriptor, name, value)

    @property
    def _descriptor(self) -> int:
        if self._file is None:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        return self._file

    def close(self) -> None:
        """Lets it go; one that did not get its name is removed."""
        file, self._file = self._file, None
        if file is not None:
            os.close(file)
        directory, self._directory = self._directory, -1
        if directory < 0:
            return
        temporary, self._temporary = self._temporary, None
        try:
            if temporary is not None:
                os.unlink(temporary, dir_fd=directory)
        except OSError:
            # Somebody else has removed it.
            pass
        finally:
            os.close(directory)


def is_replaced(directory: int, name: bytes, rule: int, modified: int) -> bool:
    """Whether the file is to be written, by the replace option of the restore.

    `rule` is one of the characters that the daemon passes on; `modified` is the object's time.
    A directory in the place of the file makes way for it, whatever the rule.
    """
    try:
        there = os.stat(name, dir_fd=directory, follow_symlinks=False)
    except FileNotFoundError:
        return True
    if stat.S_ISDIR(there.st_mode):
        return True
    if rule == NEVER:
        return False
    if rule == IF_NEWER:
        return modified > there.st_mtime
    if rule == IF_OLDER:
        return modified < there.st_mtime
    return True
