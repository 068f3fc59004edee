"""Many objects read one after another, fetched ahead of whoever reads them."""

from __future__ import annotations

from s3stream import _native
from s3stream._hints import HINTED
from s3stream.errors import S3Error
from s3stream.objects import CommonPrefix, Object, Wanted
from s3stream.reader import ObjectReader

TYPE_CHECKING = False
if TYPE_CHECKING or HINTED:
    from typing import Any, Iterable, Iterator, Optional, Union

__all__ = ["ObjectStream"]


class ObjectStream:
    """Readers for the objects that an iterable names, in its order, their bodies fetched ahead.

    The iterable is pulled on the thread that asks for the next reader, some way ahead of it. The
    next reader closes the one before it. An object that cannot be read is a reader whose first
    read raises; the stream goes on behind it.

    What the iterable itself raises comes behind the objects before it, and again at every later
    call. `KeyboardInterrupt` out of it comes at once, and ends the stream.

    A stream is for one thread: the next reader closes the one before it, whoever reads that.
    Several threads share what is to be read, not the readers: each has a stream of its own, of
    objects that it takes from one listing. A client is for all of them.

    >>> def share(listing: ObjectList, lock: threading.Lock) -> Iterator[Object]:
    ...     while True:
    ...         with lock:
    ...             entry = next(listing, None)
    ...         if entry is None:
    ...             return
    ...         yield entry
    >>> def work(share_of_one: Iterator[Object]) -> int:
    ...     total = 0
    ...     for reader in client.stream("bucket", share_of_one):
    ...         total += len(reader.read())
    ...     return total
    >>> def all_of(bucket: str) -> int:
    ...     listing, lock = client.list(bucket), threading.Lock()
    ...     with ThreadPoolExecutor(4) as pool:
    ...         return sum(pool.map(work, [share(listing, lock) for _ in range(4)]))
    """

    def __init__(self, handle: Any, bucket: str, objects: Iterable[Any]) -> None:
        """Made by `Client.stream`."""
        self._handle = handle
        self._bucket = bucket
        self._objects: Optional[Iterator[Any]] = iter(objects)
        self._failure: Optional[BaseException] = None
        self._reader: Optional[ObjectReader] = None

    def __iter__(self) -> ObjectStream:
        return self

    def __next__(self) -> ObjectReader:
        if self._reader is not None:
            self._reader.close()
            self._reader = None
        while self._objects is not None and _native.stream_has_room(self._handle):
            self._pull(self._objects)
        handle = _native.stream_next(self._handle)
        if handle is None:
            if self._failure is not None:
                raise self._failure
            raise StopIteration
        self._reader = ObjectReader(handle, self._bucket)
        return self._reader

    def _pull(self, objects: Iterator[Any]) -> None:
        """Takes one more object from the source, or its end."""
        try:
            self._push(next(objects))
        except StopIteration:
            self._objects = None
        except S3Error as failure:
            if failure.entry is None:
                self._objects, self._failure = None, failure
            else:
                # One object's failure is its reader's; a listing goes on behind it.
                _native.stream_push_unreadable(self._handle, failure.entry, failure.strerror or "")
        except Exception as failure:
            # What came before it is whole: it is handed out first.
            self._objects, self._failure = None, failure
        except BaseException as failure:
            # A source that was interrupted may look as if it had come to its end.
            self._objects, self._failure = None, failure
            self.cancel()
            raise

    def _push(self, item: Union[Object, Wanted, str]) -> None:
        if isinstance(item, str):
            item = Wanted(item)
        elif isinstance(item, Object):
            item = Wanted.of(item)
        elif isinstance(item, CommonPrefix):
            raise TypeError(
                f"{item.prefix!r} is a common prefix, not an object: list without a delimiter"
            )
        elif not isinstance(item, Wanted):
            raise TypeError(f"an Object, a Wanted or a key is wanted, not {type(item).__name__}")
        described = item.object or Object(item.key)
        _native.stream_push(
            self._handle,
            item.key,
            item.version_id,
            item.if_match,
            item.size,
            item.ahead,
            described.etag,
            described._modified,
            described.storage_class,
            described.is_delete_marker,
        )

    def cancel(self) -> None:
        """Ends the stream and its readers, from any thread: a blocked call raises
        `CancelledError` at once."""
        _native.stream_cancel(self._handle)

    def close(self) -> None:
        """Ends the stream and all its readers; asking for more raises `ValueError`."""
        if self._reader is not None:
            self._reader.close()
        _native.stream_close(self._handle)

    def __enter__(self) -> ObjectStream:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
