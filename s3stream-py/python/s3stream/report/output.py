"""A file that gets its name when it is whole."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from typing import IO, Optional, Tuple

__all__ = ["Output"]

# Nobody but its owner may read it, as with restored files: keys stand in it.
_MODE = 0o600
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_OLD = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class Output:
    """Something to write to: a regular file, which has `.partial` behind its name until it is
    kept, or a pipe or device, which is never replaced.

    The partial file is made anew, and nothing is written through a link of its name. As long as
    it is open it is locked: two runs never write to one.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Opens `path`; what is there stays until the new file takes its place.

        Raises OSError: FileExistsError where another run writes there, or where what has the
        partial file's name is no file.
        """
        # The file behind a link is replaced, not the link.
        self.path = os.path.realpath(os.fspath(path))
        self.partial: Optional[str] = None
        if os.path.exists(self.path) and not stat.S_ISREG(os.stat(self.path).st_mode):
            self._file: IO[bytes] = open(self.path, "wb")  # noqa: SIM115
            return
        self.partial = f"{self.path}.partial"
        self._file = open(_made(self.partial), "wb")  # noqa: SIM115

    def write(self, data: bytes) -> None:
        """Writes all of it."""
        self._file.write(data)

    def keep(self) -> str:
        """Makes sure that it is stored, and gives it its name, which is returned."""
        self._file.flush()
        if self.partial is not None:
            # Some file systems say only here that there was no room.
            os.fsync(self._file.fileno())
            # While it is locked: another run must not take it for one that was left behind.
            os.replace(self.partial, self.path)
        self._file.close()
        return self.path

    def leave(self) -> str:
        """Ends it as it is; returns where it is."""
        self._file.close()
        return self.partial or self.path

    def discard(self) -> None:
        """Removes it: nothing is in it."""
        if self.partial is not None:
            os.unlink(self.partial)
        self._file.close()


def _made(path: str) -> int:
    """Makes a file and locks it; what an earlier run left behind goes."""
    while True:
        try:
            made = os.open(path, _NEW, _MODE)
        except FileExistsError:
            _remove_left(path)
            continue
        if _is_locked_by_us(made) and _identity(made) == _identity_of(path):
            return made
        os.close(made)
        raise FileExistsError(errno.EEXIST, "another run is writing to it", path)


def _remove_left(path: str) -> None:
    """Removes a partial file that nobody writes to any more; raises FileExistsError for others."""
    try:
        left = os.open(path, _OLD)
    except FileNotFoundError:
        return
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise
        raise FileExistsError(errno.EEXIST, "it is a symbolic link", path) from None
    try:
        if not stat.S_ISREG(os.fstat(left).st_mode):
            raise FileExistsError(errno.EEXIST, "it is no file", path)
        if not _is_locked_by_us(left):
            raise FileExistsError(errno.EEXIST, "another run is writing to it", path)
        if _identity(left) == _identity_of(path):
            os.unlink(path)
    finally:
        os.close(left)


def _is_locked_by_us(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        # Some network file systems have no locks: there, nobody can tell.
        return error.errno in (errno.ENOLCK, errno.ENOTSUP)
    return True


def _identity(descriptor: int) -> Tuple[int, int]:
    there = os.fstat(descriptor)
    return there.st_dev, there.st_ino


def _identity_of(path: str) -> Optional[Tuple[int, int]]:
    try:
        there = os.stat(path, follow_symlinks=False)
    except FileNotFoundError:
        return None
    return there.st_dev, there.st_ino
