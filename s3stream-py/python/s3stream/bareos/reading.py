"""One object on its way to the daemon: the bytes, and how far they are proven."""

from __future__ import annotations

import time

import s3stream
from s3stream.bareos import metadata
from s3stream.bareos.source import Candidate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional, Tuple

#: What is read before an object is offered. The core hands a smaller object over only when all
#: of it is proven, so whatever is wrong with one is known before the catalogue hears of it.
AHEAD = 64 << 10


#: Seconds between two messages about one object.
EVERY = 300.0


class Progress:
    """Says when it is time to tell how far an object is."""

    __slots__ = ("_told",)

    def __init__(self, now: float) -> None:
        """`now` is of a clock that only goes on, in seconds."""
        self._told = now

    def is_due(self, now: float) -> bool:
        """Whether nothing was told for long; true once."""
        if now - self._told < EVERY:
            return False
        self._told = now
        return True


class Block:
    """The one buffer of a job, used again for every block: the daemon copies from it."""

    __slots__ = ("first", "block")

    def __init__(self) -> None:
        """Allocates what every block is read into."""
        self.first = bytearray(AHEAD)
        self.block = bytearray(0)

    def of(self, size: int) -> bytearray:
        """A buffer of exactly this size; a longer one would be a read error to the daemon."""
        if len(self.block) != size:
            self.block = bytearray(size)
        return self.block


class Reading:
    """An object between `start_backup_file` and `end_backup_file`."""

    def __init__(self, candidate: Candidate, reader: Any, block: Block) -> None:
        """`reader` is absent in an estimate; nothing is read yet."""
        self.candidate = candidate
        #: The object as the reply describes it; as the listing does until there is one.
        self.entry = candidate.listed
        #: How the end was proven; None until it is.
        self.verdict: Optional[Any] = None
        self.started = time.monotonic()
        self.progress = Progress(self.started)
        #: Why it cannot be read, or not to its end.
        self.error: Optional[Any] = None
        #: Whether the daemon asked for the bytes.
        self.is_opened = False
        self._reader = reader
        self._block = block
        self._first = memoryview(b"")
        self._is_primed = False
        self._attributes: Optional[List[Tuple[bytes, bytes]]] = None
        #: Bytes that were handed over.
        self.delivered = 0

    @property
    def is_newer_than_listed(self) -> bool:
        """Whether what was read is not the object that the listing names."""
        return self._is_primed and bool(self._reader.is_newer_than_listed)

    def prime(self) -> None:
        """Reads the first bytes, all of a small object.

        Raises S3Error, which stays in `error`, if there is nothing to deliver.
        """
        if self._is_primed:
            return
        view = memoryview(self._block.first)
        filled = 0
        try:
            # A call that does not fill the buffer has proven the end, or the next one raises.
            while filled < AHEAD and self.verdict is None:
                filled += self._reader.readinto(view[filled:])
                self.verdict = self._reader.verdict
        except s3stream.S3Error as error:
            if filled < AHEAD and (filled == 0 or self._is_small()):
                self.error = error
                raise
            # The reader repeats it when what came before has been delivered.
        self._first = view[:filled]
        self._is_primed = True
        self.entry = self._reader.object

    def _is_small(self) -> bool:
        return bool(self._reader.object.size <= AHEAD)

    def read(self, count: int) -> Tuple[bytearray, int]:
        """The next block of at most `count` bytes: its buffer, and how many of it are filled.

        A block is full unless the object ends; 0 bytes only at the proven end. Raises S3Error,
        which stays in `error`.
        """
        block = self._block.of(count)
        view = memoryview(block)
        filled = min(count, len(self._first))
        view[:filled] = self._first[:filled]
        self._first = self._first[filled:]
        try:
            if filled < count and self.verdict is None:
                filled += self._reader.readinto(view[filled:])
                self.verdict = self._reader.verdict
        except s3stream.S3Error as error:
            if filled == 0:
                self.error = error
                raise
            # The reader repeats it at the next call.
        self.delivered += filled
        return block, filled

    def attributes(self) -> List[Tuple[bytes, bytes]]:
        """The extended attributes that were not taken off this list yet, the next one last."""
        if self._attributes is None:
            self._attributes = metadata.attributes(
                self.entry, self.candidate.listed, self._said_of_proof()
            )[::-1]
        return self._attributes

    def _said_of_proof(self) -> str:
        if self.error is not None:
            return f"{metadata.FAILED}{self.error.kind}"
        if self.verdict is None:
            return f"{metadata.FAILED}not read to its end"
        if self.verdict.unproven is None:
            return str(self.verdict.method)
        suspicion = ", probably damaged" if self.verdict.is_probably_damaged else ""
        return f"{self.verdict.method}: {self.verdict.unproven}{suspicion}"

    def close(self) -> None:
        """Lets the connection go; bytes that nobody read are not fetched."""
        self._first = memoryview(b"")
        if self._reader is not None:
            self._reader.close()
