"""A file that gets its name when it is whole."""

from __future__ import annotations

import os
import stat
from typing import IO, Optional

__all__ = ["Output"]


class Output:
    """Something to write to: a regular file, which has `.partial` behind its name until it is
    kept, or a pipe or device, which is never replaced."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Opens `path`; what is there stays until the new file takes its place."""
        # The file behind a link is replaced, not the link.
        self.path = os.path.realpath(os.fspath(path))
        self.partial: Optional[str] = None
        target = self.path
        if not os.path.exists(target) or stat.S_ISREG(os.stat(target).st_mode):
            target = self.partial = f"{self.path}.partial"
        self._file: IO[bytes] = open(target, "wb")  # noqa: SIM115

    def write(self, data: bytes) -> None:
        """Writes all of it."""
        self._file.write(data)

    def keep(self) -> str:
        """Makes sure that it is stored, and gives it its name, which is returned."""
        self._file.flush()
        if self.partial is not None:
            # Some file systems say only here that there was no room.
            os.fsync(self._file.fileno())
        self._file.close()
        if self.partial is not None:
            os.replace(self.partial, self.path)
        return self.path

    def leave(self) -> str:
        """Ends it as it is; returns where it is."""
        self._file.close()
        return self.partial or self.path

    def discard(self) -> None:
        """Removes it: nothing is in it."""
        self._file.close()
        if self.partial is not None:
            os.unlink(self.partial)
