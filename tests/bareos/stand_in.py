"""A stand-in for the daemon's module, and its calls for one file, for tests without a daemon."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, Callable, Dict, List, Tuple

#: What happens between the daemon's calls for one file, by the call before it.
STAGES = ("nothing", "create", "open", "write", "attributes", "close")


class Bareosfd:
    """Numbers of the daemon's module, and what it was told."""

    bRC_OK, bRC_Stop, bRC_Error, bRC_More, bRC_Seen, bRC_Skip = 0, 1, 2, 3, 5, 7
    CF_SKIP, CF_ERROR, CF_EXTRACT, CF_CREATED = 1, 2, 3, 4
    FT_REG, FT_DIREND = 3, 5
    M_FATAL, M_ERROR, M_WARNING, M_INFO = 3, 4, 5, 6

    def __init__(self) -> None:
        self.said: List[Tuple[int, str]] = []

    def JobMessage(self, kind: int, text: str) -> None:  # noqa: N802
        self.said.append((kind, text))

    def texts(self, kind: int) -> List[str]:
        return [text for found, text in self.said if found == kind]


class Restoring:
    """The daemon's calls of a restore, to the plugin's own class for it."""

    def __init__(self, where: str) -> None:
        from s3stream.bareos.messages import Messages
        from s3stream.bareos.restore import Restore

        self.fd = Bareosfd()
        self.where = where
        self.restore = Restore(self.fd, Messages(self.fd))

    def packet(self, name: str, **more: Any) -> Any:
        size = len(more.pop("body", b""))
        facts: Dict[str, Any] = {
            "st_mode": 0o100600, "st_size": size, "st_atime": 1000, "st_mtime": 1000,
        }  # fmt: skip
        facts.update({key: more.pop(key) for key in list(more) if key.startswith("st_")})
        return SimpleNamespace(
            ofname=f"{self.where.rstrip('/')}/{name.lstrip('/')}",
            where=self.where,
            type=more.pop("type", self.fd.FT_REG),
            replace=ord(more.pop("replace", "a")),
            statp=SimpleNamespace(**facts),
            create_status=0,
        )

    def file(
        self,
        name: str,
        body: bytes = b"body",
        between: Callable[[str], None] = lambda stage: None,
        **more: Any,
    ) -> int:
        """Restores one file; what `create_file` said. `between` runs behind each call."""
        packet = self.packet(name, body=body, **more)
        between("nothing")
        self.restore.create(packet)
        between("create")
        if packet.create_status == self.fd.CF_EXTRACT:
            iop = SimpleNamespace(fname=packet.ofname, status=0, io_errno=0, buf=None, count=0)
            self.restore.io_open(iop)
            between("open")
            iop.buf, iop.count = bytearray(body), len(body)
            self.restore.io_write(iop)
            between("write")
            self.restore.set_attributes(packet)
            between("attributes")
            self.restore.io_close(iop)
            between("close")
            xattr = SimpleNamespace(name=bytearray(b"user.s3stream.k"), value=bytearray(b"v"))
            self.restore.set_attribute(xattr)
        self.restore.end_file()
        return int(packet.create_status)
