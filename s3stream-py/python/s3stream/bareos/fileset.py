"""The FileSet's own rules: what its Options and Exclude resources leave out.

The daemon applies them to files of the disk by itself, and to those of a plugin only where that
asks. Asking has a side effect: compression, signature and the like of the Options that matched
are in force from then on. So the object that is offered next must be the last one asked about.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional

#: What a rule of the FileSet is called among the rules that leave objects out.
RULE = "FileSet"


class FileSetRules:
    """Asks the daemon about one name after another."""

    def __init__(self, bareosfd: Any, mode: int) -> None:
        """`mode` is that of every file."""
        self._fd = bareosfd
        self._mode = mode
        # A daemon whose module cannot be asked has its plugin's rules only.
        self._ask = getattr(bareosfd, "AcceptFile", None)
        self._asked: Optional[Any] = None

    def accepts(self, name: str, size: int, modified: int) -> bool:
        """Whether the rules take this object; its Options are in force from now on."""
        if self._ask is None:
            return True
        fd = self._fd
        packet = fd.SavePacket()
        packet.fname = name
        packet.statp = fd.StatPacket(
            mode=self._mode, size=size, atime=modified, mtime=modified, ctime=modified
        )
        # The daemon keeps a pointer to the name.
        self._asked = packet
        return bool(self._ask(packet) != fd.bRC_Skip)
