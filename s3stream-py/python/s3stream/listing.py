"""A listing in progress."""

from __future__ import annotations

from s3stream import _native
from s3stream._hints import HINTED
from s3stream.errors import S3Error
from s3stream.objects import CommonPrefix, ListSummary, Object, _object

TYPE_CHECKING = False
if TYPE_CHECKING or HINTED:
    from typing import Any, Callable, Iterator, List, NoReturn, Optional, TypeVar, Union

    _Listing = TypeVar("_Listing", bound="GroupedList")

__all__ = ["GroupedList", "ObjectList"]


class GroupedList:
    """The entries of a bucket in ascending order, one page in memory and one on its way: objects,
    and groups of keys with a common prefix.

    Ends only when the server has said that there are no more; whatever else happens raises, and
    raises again at every later call: an incomplete listing never looks like a complete one.
    Ctrl-C while it waits leaves it as it was.

    An entry that cannot be read (a key that is not UTF-8, a size that is not a number) raises an
    error that names it, `S3Error.entry`, and the next call goes on behind it: see `each`.
    """

    def __init__(self, handle: Any) -> None:
        """Made by `Client.list`."""
        self._handle = handle
        # The last one first: popping from the end is one step, also between threads.
        self._ready: List[Any] = []

    def __iter__(self) -> Iterator[Union[Object, CommonPrefix]]:
        return self

    def __next__(self) -> Union[Object, CommonPrefix]:
        while True:
            try:
                entry = self._ready.pop()
            except IndexError:
                if not _native.list_next(self._handle, self._ready):
                    raise StopIteration from None
                continue
            return CommonPrefix(entry) if isinstance(entry, str) else _object(entry)

    def __copy__(self) -> NoReturn:
        raise TypeError("a listing cannot be copied: it is at one place")

    def __deepcopy__(self, _memo: object) -> NoReturn:
        self.__copy__()

    def __reduce__(self) -> NoReturn:
        raise TypeError("a listing cannot be pickled: it is at one place, in this process")

    def each(
        self, unreadable: Callable[[S3Error], object]
    ) -> Iterator[Union[Object, CommonPrefix]]:
        """The entries, as iterating gives them, past those that cannot be read: `unreadable` is
        called with the error of each, in its place.

        >>> failed: List[S3Error] = []
        >>> for entry in client.list("bucket").each(failed.append):  # doctest: +SKIP
        ...     print(entry)
        """
        while True:
            try:
                yield next(self)
            except StopIteration:
                return
            except S3Error as error:
                if error.entry is None:
                    raise
                unreadable(error)

    @property
    def summary(self) -> Optional[ListSummary]:
        """How the listing stands: in which order it came, how its end is known; `None` if it
        never began. Waits for a call of another thread."""
        fields = _native.list_summary(self._handle)
        return None if fields is None else ListSummary(*fields)

    def cancel(self) -> None:
        """Ends the listing, from any thread: a blocked call raises `CancelledError` at once."""
        _native.list_cancel(self._handle)
        self._ready.clear()

    def close(self) -> None:
        """Frees the connection; asking for more raises `ValueError`."""
        _native.list_close(self._handle)
        self._ready.clear()

    def __enter__(self: _Listing) -> _Listing:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class ObjectList(GroupedList):
    """The objects of a bucket in ascending order: a listing without a delimiter.

    What holds of a `GroupedList` holds of it: it ends only when there are no more.
    """

    if TYPE_CHECKING:

        def __iter__(self) -> Iterator[Object]: ...

        def __next__(self) -> Object: ...

        def each(self, unreadable: Callable[[S3Error], object]) -> Iterator[Object]:
            """The entries past those that cannot be read."""
            ...
