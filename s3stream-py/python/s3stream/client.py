"""The client: one endpoint, one set of credentials, one memory budget."""

from __future__ import annotations

import os

from s3stream import _native
from s3stream.listing import ObjectList
from s3stream.objects import Bucket, Object, Wanted, _bucket, _object
from s3stream.reader import ObjectReader
from s3stream.stream import ObjectStream

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any, Callable, Dict, Iterable, List, Optional, Tuple, Type, Union

    from s3stream.plan import Plan, Planned

__all__ = ["Client"]


class _Unset(str):
    """A default that an equal argument can be told from: what is said wins over a profile."""

    __slots__ = ()


_AUTO = _Unset("auto")


class Client:
    """A client of one S3 service; several threads may use it at once.

    With no arguments it works from the usual environment: `AWS_ACCESS_KEY_ID`, `AWS_PROFILE`,
    `AWS_ENDPOINT_URL`, `AWS_REGION`, `~/.aws/config`, ... Arguments win over that.

    >>> with s3stream.Client() as client:  # doctest: +SKIP
    ...     for entry in client.list("bucket", "logs/"):
    ...         with client.open("bucket", entry.key) as reader:
    ...             shutil.copyfileobj(reader, archive)
    ...         print(entry.key, reader.verdict.method)

    No connection is made and no thread started before the first call. After a fork the child's
    client starts afresh; readers and listings from before it fail there.
    """

    def __init__(
        self,
        endpoint_url: Optional[str] = None,
        region: Optional[str] = None,
        access_key_id: Optional[str] = None,
        secret_access_key: Optional[str] = None,
        session_token: Optional[str] = None,
        profile: Optional[str] = None,
        anonymous: bool = False,
        addressing_style: str = _AUTO,
        use_fips_endpoint: Optional[bool] = None,
        use_dualstack_endpoint: Optional[bool] = None,
        use_accelerate_endpoint: Optional[bool] = None,
        ca_bundle: Optional[Union[str, os.PathLike[str]]] = None,
        verify: bool = True,
        proxy: Optional[str] = None,
        connect_timeout: float = 10.0,
        stall_timeout: float = 60.0,
        idle_timeout: float = 30.0,
        max_attempts: int = 8,
        retry_base_delay: float = 0.1,
        retry_max_delay: float = 20.0,
        memory_limit: int = 64 << 20,
        window: int = 8 << 20,
        integrity: str = "full",
        read_twice: bool = True,
        require_proof: str = "warn",
        user_agent: Optional[str] = None,
        request_payer: Optional[str] = None,
        sse_customer_key: Optional[str] = None,
    ) -> None:
        """Checks all settings against each other; nothing is sent yet.

        endpoint_url: `http(s)://host[:port]` of the service; AWS itself if absent.
        region: region to sign for; another one is learnt from the server's replies.
        access_key_id, secret_access_key, session_token: the credentials.
        profile: profile of the AWS configuration files.
        anonymous: send no signature.
        addressing_style: "auto", "path" or "virtual"; the profile's if absent.
        use_fips_endpoint: use AWS's endpoints whose cryptography is validated by FIPS 140; as
            environment and profile say if absent, which holds for the next one too.
        use_dualstack_endpoint: use AWS's endpoints that have IPv6 addresses too.
        use_accelerate_endpoint: use AWS's Transfer Acceleration; the profile's if absent.
        ca_bundle: PEM file of certificates to trust instead of the system's.
        verify: check the server's certificate; `False` is unsafe.
        proxy: `http://host:port` for every request, or "none"; the environment's if absent.
        connect_timeout: seconds to make a connection.
        stall_timeout: seconds without a byte, while one is waited for.
        idle_timeout: seconds after which an unused connection is dropped and made anew.
        max_attempts: failures without progress before giving up.
        retry_base_delay, retry_max_delay: seconds before the first retry, and at most.
        memory_limit: bytes of buffers of this client.
        window: bytes that one reader holds at most.
        integrity: proof at the end of an object: "full", "cheap" (CRCs only) or "length".
        read_twice: read an object again whose digest disagrees at a likely part size, to compare
            both reads.
        require_proof: what no digest proves: "yes" raises `IntegrityError` at its end, "warn" has
            programs say so once a job, "no" is silent. `Verdict.unproven` has the reason.
        user_agent: `User-Agent` of every request.
        request_payer: "requester" where a bucket's readers pay.
        sse_customer_key: base64 of the key of objects that are encrypted with SSE-C.

        Raises `InvalidInputError` that names the setting, variable, file or profile at fault.
        """
        given: Dict[str, Any] = {
            "endpoint_url": endpoint_url,
            "region": region,
            "access_key_id": access_key_id,
            "secret_access_key": secret_access_key,
            "session_token": session_token,
            "profile": profile,
            "anonymous": anonymous,
            "addressing_style": addressing_style,
            "use_fips_endpoint": use_fips_endpoint,
            "use_dualstack_endpoint": use_dualstack_endpoint,
            "use_accelerate_endpoint": use_accelerate_endpoint,
            "ca_bundle": ca_bundle,
            "verify": verify,
            "proxy": proxy,
            "connect_timeout": connect_timeout,
            "stall_timeout": stall_timeout,
            "idle_timeout": idle_timeout,
            "max_attempts": max_attempts,
            "retry_base_delay": retry_base_delay,
            "retry_max_delay": retry_max_delay,
            "memory_limit": memory_limit,
            "window": window,
            "integrity": integrity,
            "read_twice": read_twice,
            "require_proof": require_proof,
            "user_agent": user_agent,
            "request_payer": request_payer,
            "sse_customer_key": sse_customer_key,
        }
        self._handle = _native.client_new(_settings(given))

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
    ) -> ObjectList:
        """Lists objects in ascending order; the first request goes out at the first `next`.

        With a delimiter, keys that share a beginning up to it come as one `CommonPrefix`.
        `start_after` is excluded, `end_at` included. With `versions`, all versions and delete
        markers come, the newest of each key first. A range in which no key can be raises
        `InvalidInputError`.

        With `prove_end`, for whoever backs up all of a bucket, one more request looks behind the
        last key: `ObjectList.summary` tells what came of it. A server that lists in an order of
        its own (SeaweedFS) is followed by its tokens, and `summary` says so; `ordered` refuses
        it, as do `start_after`, `end_at` and `versions`.
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
        )
        return ObjectList(handle)

    def list_buckets(self) -> List[Bucket]:
        """The buckets of these credentials."""
        return [_bucket(fields) for fields in _native.client_list_buckets(self._handle)]

    def head(self, bucket: str, key: str, *, version_id: Optional[str] = None) -> Object:
        """Describes an object without reading it, metadata and checksums included.

        A missing bucket cannot be told from a missing key here: both are `NotFoundError`.
        """
        return _object(_native.client_head(self._handle, bucket, key, version_id))

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
        """
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

    def stats(self) -> Dict[str, int]:
        """Counters of this client so far: requests, bytes, retries, resumes, throttles, and
        unproven: whole objects that no digest proved."""
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


_DEFAULTS: Dict[str, Any] = {
    "anonymous": False,
    "addressing_style": _AUTO,
    "verify": True,
    "connect_timeout": 10.0,
    "stall_timeout": 60.0,
    "idle_timeout": 30.0,
    "max_attempts": 8,
    "retry_base_delay": 0.1,
    "retry_max_delay": 20.0,
    "memory_limit": 64 << 20,
    "window": 8 << 20,
    "integrity": "full",
    "read_twice": True,
    "require_proof": "warn",
}


def _settings(given: Dict[str, Any]) -> List[Tuple[str, str]]:
    """Settings as text; what was not said is left to environment and profile."""
    return [
        (name, _text(value))
        for name, value in given.items()
        if value is not None and not _is_default(name, value)
    ]


def _is_default(name: str, value: Any) -> bool:
    default = _DEFAULTS.get(name)
    # Only of the style a profile may say something else than the default.
    return value is default if isinstance(default, _Unset) else value == default


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, os.PathLike):
        return os.fsdecode(value)
    return str(value)
