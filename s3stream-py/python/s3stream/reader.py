"""One object being read, as a raw file."""

from __future__ import annotations

import io

from s3stream import _native
from s3stream._hints import HINTED
from s3stream.objects import Object, Verdict, _object, _verdict

TYPE_CHECKING = False
if TYPE_CHECKING or HINTED:
    from types import TracebackType
    from typing import Any, Optional, Type

__all__ = ["ObjectReader"]


class ObjectReader(io.RawIOBase):
    """One object being read; ends only when its bytes are proven to be the server's.

    A raw, unbuffered file: `read` and `readinto` give as many bytes as they are asked for, fewer
    only at the end, none only at the *proven* end. A pause of any length between two calls is
    normal. An error ends the reader for good: every later read raises it again.

    `io.BufferedReader(reader)` adds `readline` and `peek` and makes small reads cheap; `tarfile`,
    `zipfile`, `gzip`, `shutil.copyfileobj`, pandas and pyarrow take it as it is.

    Ctrl-C in the middle of a read raises `KeyboardInterrupt` within a tenth of a second and loses
    nothing: bytes that had come are delivered by the next read. Several threads may share a
    reader; their calls take turns. `cancel` may be called from any thread.
    """

    def __init__(self, handle: Any, bucket: str) -> None:
        """Made by `Client.open` and `Client.stream`."""
        super().__init__()
        self._handle = handle
        self._bucket = bucket

    # What it reads.

    @property
    def object(self) -> Object:
        """The object, as the reply that was opened describes it.

        Before the first read of a stream's reader that was not requested ahead, or has failed,
        it is what the listing said.
        """
        return _object(_native.reader_object(self._handle))

    @property
    def is_newer_than_listed(self) -> bool:
        """Whether the object is another one than was listed, by its ETag: it was written again
        since. False until the reply has come, and where nothing was listed."""
        return _native.reader_is_newer_than_listed(self._handle)

    @property
    def verdict(self) -> Optional[Verdict]:
        """The verdict; `None` until the end has been reached and proven."""
        fields = _native.reader_verdict(self._handle)
        return None if fields is None else _verdict(fields)

    @property
    def name(self) -> str:
        """`s3://bucket/key`."""
        return f"s3://{self._bucket}/{self.object.key}"

    @property
    def mode(self) -> str:
        """`rb`: the mode that a file would have."""
        return "rb"

    # Reading.

    def read(self, size: Optional[int] = -1, /) -> bytes:
        """Reads `size` bytes, fewer only at the end; all that are left if negative or `None`.

        Reading all of it also proves it: an object that is not whole raises.
        """
        return _native.reader_read(self._handle, None if size is None or size < 0 else size)

    def readall(self) -> bytes:
        """Reads all that is left, and proves it."""
        return _native.reader_read(self._handle, None)

    def readinto(self, buffer: Any, /) -> int:
        """Fills any contiguous writable buffer, without a copy; returns the number of bytes.

        Raises `TypeError` for what has no such buffer: read-only, or in pieces.
        """
        return _native.reader_read_into(self._handle, buffer)

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Goes on at another offset in the object; returns it.

        Nothing is requested until the next read. From there on the proof is by length alone:
        the verdict is "range".
        """
        return _native.reader_seek(self._handle, offset, whence)

    def tell(self) -> int:
        """Offset in the object of the next byte."""
        return _native.reader_tell(self._handle)

    # For agents that read(2) themselves.

    def open_pipe(self) -> int:
        """A file descriptor from which the rest of the object can be read; yours to close.

        It is fed in the background, by a thread that knows nothing of Python. Its end says
        nothing: whether the object was whole, `finish` tells. From here on this reader itself
        reads no more.
        """
        return _native.reader_open_pipe(self._handle)

    def finish(self) -> Verdict:
        """The verdict, or the error, of a read through a pipe that has come to its end.

        Waits until everything has been written into the pipe. Without a pipe it reads and
        discards what is left.
        """
        return _verdict(_native.reader_finish(self._handle))

    # The life of a file.

    def cancel(self) -> None:
        """Ends the reader, from any thread: a blocked call raises `CancelledError` at once."""
        _native.reader_cancel(self._handle)

    def close(self) -> None:
        """Frees the connection; `object` and `verdict` can still be asked.

        A read that is blocked in another thread raises `CancelledError`.
        """
        if not self.closed:
            try:
                _native.reader_close(self._handle)
            finally:
                super().close()

    def readable(self) -> bool:
        """True."""
        self._check_open()
        return True

    def seekable(self) -> bool:
        """True."""
        self._check_open()
        return True

    def writable(self) -> bool:
        """False."""
        self._check_open()
        return False

    def write(self, data: Any, /) -> int:
        """Raises `io.UnsupportedOperation`."""
        raise io.UnsupportedOperation("an ObjectReader only reads")

    def isatty(self) -> bool:
        """False."""
        self._check_open()
        return False

    def fileno(self) -> int:
        """Raises `io.UnsupportedOperation`: see `open_pipe` for a descriptor."""
        raise io.UnsupportedOperation("an object has no file descriptor: see open_pipe()")

    def _check_open(self) -> None:
        if self.closed:
            raise ValueError("I/O operation on closed reader")

    def __enter__(self) -> ObjectReader:
        self._check_open()
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        state = "closed " if self.closed else ""
        try:
            return f"<{state}s3stream.ObjectReader {self.name!r}>"
        except ValueError:
            return f"<{state}s3stream.ObjectReader of {self._bucket!r}>"

    def __getstate__(self) -> None:
        raise TypeError("an ObjectReader cannot be pickled: open the object anew")
