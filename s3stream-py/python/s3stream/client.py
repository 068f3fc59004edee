"""The client: one endpoint, one set of credentials, one memory budget."""

from __future__ import annotations

from s3stream import _native
from s3stream._hints import HINTED
from s3stream.listing import GroupedList, ObjectList
from s3stream.objects import (
    Acl,
    Bucket,
    Caller,
    Grant,
    Object,
    Wanted,
    _bucket,
    _caller,
    _object,
)
from s3stream.reader import ObjectReader
from s3stream.settings import Settings
from s3stream.stream import ObjectStream

TYPE_CHECKING = False
if TYPE_CHECKING or HINTED:
    from datetime import datetime
    from types import TracebackType
    from typing import Callable, Dict, Iterable, List, Optional, Tuple, Type, Union, overload

    from s3stream.plan import Plan, Planned

__all__ = ["Client"]


class Client(Settings):
    """A client of one S3 service; several threads may use it at once.

    With no arguments it works from the usual environment: `AWS_ACCESS_KEY_ID`, `AWS_PROFILE`,
    `AWS_ENDPOINT_URL`, `AWS_REGION`, `~/.aws/config`, ... Arguments win over that.

    >>> with s3stream.Client() as client:  # doctest: +SKIP
    ...     for entry in client.list("bucket", "logs/"):
    ...         with client.open("bucket", entry.key) as reader:
    ...             shutil.copyfileobj(reader, archive)
    ...         print(entry.key, reader.verdict)

    No connection is made and no thread started before the first call. After a fork the child's
    client starts afresh; readers and listings from before it fail there.
    """

    if TYPE_CHECKING:

        @overload
        def list(
            self,
            bucket: str,
            prefix: str = "",
            *,
            delimiter: None = None,
            start_after: Optional[str] = None,
            end_at: Optional[str] = None,
            versions: bool = False,
            prove_end: bool = False,
            ordered: bool = False,
            restore_status: bool = False,
        ) -> ObjectList: ...

        @overload
        def list(
            self,
            bucket: str,
            prefix: str = "",
            *,
            delimiter: Optional[str],
            start_after: Optional[str] = None,
            end_at: Optional[str] = None,
            versions: bool = False,
            prove_end: bool = False,
            ordered: bool = False,
            restore_status: bool = False,
        ) -> GroupedList: ...

    def list(
        self,
        bucket: str,
        prefix: str = "",
        *,
        delimiter: Optional[str] = None,
        start_after: Optional[str] = None,
        end_at: Optional[str] = None,
        versions: bool = False,
        prove_end: bool = False,
        ordered: bool = False,
        restore_status: bool = False,
    ) -> GroupedList:
        """Lists objects in ascending order; the first request goes out at the first `next`.

        With a delimiter, keys that share a beginning up to it come as one `CommonPrefix`, and the
        listing is a `GroupedList`; without, every entry is an `Object`.
        `start_after` is excluded, `end_at` included. With `versions`, all versions and delete
        markers come, the newest of each key first. A range in which no key can be raises
        `InvalidInputError`.

        With `prove_end`, for whoever backs up all of a bucket, one more request looks behind the
        last key: `ObjectList.summary` tells what came of it. A server that lists in an order of
        its own (SeaweedFS) is followed by its tokens, and `summary` says so; `ordered` refuses
        it, as do `start_after`, `end_at` and `versions`.

        With `restore_status` each object says how a restore from an archive stands, where the
        server knows of it.
        """
        handle = _native.list_new(
            self._handle,
            bucket,
            prefix,
            delimiter,
            start_after,
            end_at,
            versions,
            prove_end,
            ordered,
            restore_status,
        )
        return ObjectList(handle) if delimiter is None else GroupedList(handle)

    def list_buckets(self) -> List[Bucket]:
        """The buckets of these credentials."""
        return [_bucket(fields) for fields in _native.client_list_buckets(self._handle)]

    def head(self, bucket: str, key: str, *, version_id: Optional[str] = None) -> Object:
        """Describes an object without reading it, metadata and checksums included.

        A missing bucket cannot be told from a missing key here: both are `NotFoundError`.
        """
        return _object(_native.client_head(self._handle, bucket, key, version_id))

    def tags(
        self, bucket: str, key: str, *, version_id: Optional[str] = None
    ) -> List[Tuple[str, str]]:
        """The tags of an object as (key, value): one request.

        `Details.tag_count` says whether there are any. `AccessDeniedError` without the right to
        tags; `UnsupportedError` or `ProtocolError` where the server knows of none.
        """
        return _native.client_tags(self._handle, bucket, key, version_id)

    def acl(self, bucket: str, key: str, *, version_id: Optional[str] = None) -> Acl:
        """Who may do what with an object: one request.

        `AccessDeniedError` without the right to it; `UnsupportedError` where the server knows of
        none.
        """
        owner_id, owner_name, grants = _native.client_acl(self._handle, bucket, key, version_id)
        return Acl(owner_id, owner_name, [Grant(*grant) for grant in grants])

    def open(
        self,
        bucket: str,
        key: str,
        *,
        offset: int = 0,
        length: Optional[int] = None,
        version_id: Optional[str] = None,
        if_match: Optional[str] = None,
        listed: Optional[Object] = None,
    ) -> ObjectReader:
        """Opens an object for reading; the first bytes are on their way when it returns.

        From `offset` on, `length` bytes at most. Only if its ETag is `if_match`, if given.

        The reply is held against what a listing or `head` said of the object, if that is given as
        `listed`: the same ETag with another size raises `ProtocolError`; another ETag is what
        `ObjectReader.is_newer_than_listed` says.
        """
        known = None if listed is None else (listed.etag, listed.size)
        handle = _native.reader_open(
            self._handle, bucket, key, offset, length, version_id, if_match, known
        )
        return ObjectReader(handle, bucket)

    def stream(
        self,
        bucket: str,
        objects: Iterable[Union[Object, Wanted, str]],
        *,
        concurrency: int = 16,
    ) -> ObjectStream:
        """Readers for many objects, in the order of `objects`, their bodies fetched ahead.

        Up to `concurrency` requests are in flight, within the client's `memory_limit`. `objects`
        is any iterable of objects of a listing, keys, or `Wanted`; replies are held against what
        the listing said (see `open`).

        >>> for reader in client.stream("bucket", client.list("bucket")):  # doctest: +SKIP
        ...     shutil.copyfileobj(reader, archive)

        For several threads see `ObjectStream`.
        """
        if isinstance(objects, (str, bytes)):
            raise TypeError("objects is one text, not several: put a key into a list")
        if concurrency < 1:
            raise ValueError(f"concurrency is {concurrency}, not 1 or more")
        return ObjectStream(_native.stream_new(self._handle, bucket, concurrency), bucket, objects)

    def plan(
        self,
        bucket: str,
        prefix: Optional[str] = None,
        *,
        limit_bytes: Optional[int] = None,
        limit_objects: Optional[int] = None,
        fill_percent: Optional[int] = None,
        lanes: Optional[int] = None,
        parallel: int = 1,
        previous: Optional[Plan] = None,
        backed_up: Iterable[int] = (),
        next_full: Iterable[int] = (),
        force: bool = False,
        progress: Optional[Callable[[int, int], object]] = None,
    ) -> Planned:
        """Lists a bucket and cuts it into shards, or revises how it is cut: see `s3stream.plan`.

        A shard has at most `limit_bytes` (250 GB) and `limit_objects` (two million); new ones are
        filled to `fill_percent` (60). They are spread over so many `lanes` (hosts; 1). `parallel`
        ranges are listed at once. With `previous`, that plan is revised, and what is not given is
        as it says: `backed_up` are the shards that were backed up since it was last changed,
        `next_full` those whose next backup is a full one, which may take a nearly empty
        neighbour's keys; at most 5 % of the shards change at once, unless `force` says so.

        `progress` is called with objects and bytes so far, every tenth of a second or so.

        Raises `InvalidInputError` for limits that are none and a plan of another bucket,
        `ProtocolError` for a server that lists in an order of its own.
        """
        # Only here: jobs of a backup daemon need none of it.
        from s3stream.plan import _make

        options = {
            "prefix": prefix,
            "limit_bytes": limit_bytes,
            "limit_objects": limit_objects,
            "fill_percent": fill_percent,
            "lanes": lanes,
            "parallel": parallel,
            "previous": None if previous is None else str(previous),
            "backed_up": [*backed_up],
            "next_full": [*next_full],
            "force": force,
        }
        return _make(self._handle, bucket, options, progress)

    def set_credentials(
        self,
        access_key_id: str,
        secret_access_key: str,
        session_token: Optional[str] = None,
        expires: Optional[datetime] = None,
    ) -> None:
        """Puts other keys into the place of those in use: every later request is signed with
        them, also those of readers and listings that are under way.

        `expires` is when they end: `wants_credentials` is true some time before.
        """
        end = None if expires is None else round(expires.timestamp() * 1_000_000)
        _native.client_set_credentials(
            self._handle, access_key_id, secret_access_key, session_token, end
        )

    @property
    def wants_credentials(self) -> bool:
        """Whether the keys in use will end soon, have ended, or were refused as ended: for
        whoever replaces them."""
        return _native.client_wants_credentials(self._handle)

    def caller(self) -> Caller:
        """As whom this client signs: where its keys come from, when they end, and who that is.

        A server that is not AWS's is only asked where `AWS_ENDPOINT_URL_STS` or a profile names
        its STS: keys go to nobody else.
        """
        return _caller(_native.client_caller(self._handle))

    def stats(self) -> Dict[str, int]:
        """Counters of this client so far: requests, bytes, retries, resumes, throttles, and
        unproven: whole objects that no digest proved.

        `outages` counts how often the endpoint began to answer nothing, `outages_over` how often
        that ended, `outage_seconds` how long it lasted, the present outage included: one lasts
        while `outages_over` is less than `outages`.
        """
        return _native.client_stats(self._handle)

    def cancel(self) -> None:
        """Ends all that this client is doing, for good and from any thread: a blocked call
        raises `CancelledError` at once, and so does every later one."""
        _native.client_cancel(self._handle)

    def close(self) -> None:
        """Lets go of the client; readers, listings and streams that it opened go on.

        Using it afterwards raises `ValueError`; closing it again does nothing.
        """
        _native.client_close(self._handle)

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        self.close()

    def __getstate__(self) -> None:
        raise TypeError("a Client cannot be pickled: make one in the other process")
