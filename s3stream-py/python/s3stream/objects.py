"""What a bucket holds, and what is said about it: plain values that never change."""

from __future__ import annotations

from types import MappingProxyType

from s3stream._hints import HINTED
from s3stream.details import (
    Acl,
    Checksum,
    Details,
    Grant,
    Metadata,
    RestoreStatus,
    _details,
    _metadata,
    _restore_status,
)
from s3stream.values import _microseconds, _time, _Value

TYPE_CHECKING = False
if TYPE_CHECKING or HINTED:
    from datetime import datetime
    from typing import Any, Iterable, Mapping, Optional, Tuple, Union

__all__ = [
    "Acl",
    "Bucket",
    "Caller",
    "Checksum",
    "CommonPrefix",
    "Details",
    "Grant",
    "ListSummary",
    "Metadata",
    "Object",
    "RestoreStatus",
    "Verdict",
    "Wanted",
]

_NOTHING: Mapping[str, str] = MappingProxyType({})


class Object(_Value):
    """One object, or one version of it, as a listing or a reply describes it.

    `content_type`, `metadata`, `checksums` and `details` are known to `Client.head` and to an
    opened reader, not to a listing. `None` means that the server did not say.
    """

    __slots__ = (
        "key",
        "size",
        "etag",
        "_modified",
        "storage_class",
        "version_id",
        "is_latest",
        "is_delete_marker",
        "content_type",
        "metadata",
        "checksums",
        "restore_status",
        "details",
    )
    __match_args__ = (
        "key",
        "size",
        "etag",
        "last_modified",
        "storage_class",
        "version_id",
        "is_latest",
        "is_delete_marker",
        "content_type",
        "metadata",
        "checksums",
        "restore_status",
        "details",
    )

    key: str
    """The key, as S3 has it."""
    size: int
    """The size in bytes; 0 for a delete marker."""
    etag: Optional[str]
    """The entity tag, without its quotes."""
    _modified: Optional[int]
    """When it was last written, in microseconds since 1970."""
    storage_class: Optional[str]
    """The storage class, in S3's spelling ("STANDARD", "GLACIER", ...)."""
    version_id: Optional[str]
    """The version, in a bucket that has versions; "null" is a version too."""
    is_latest: bool
    """Whether it is the newest version; true where there are no versions."""
    is_delete_marker: bool
    """Whether it is a delete marker, which has no content and cannot be opened."""
    content_type: Optional[str]
    """The media type."""
    metadata: Metadata
    """What it was written with: a mapping of the user metadata, with headers besides."""
    checksums: Mapping[str, str]
    """The checksums that the server keeps, by algorithm ("crc64nvme", ...): base64 as sent."""
    restore_status: Optional[RestoreStatus]
    """How the restore of an archived object stands; see `Client.list` for a listing's."""
    details: Optional[Details]
    """What a reply says besides: tags, encryption, lock, parts, replication."""

    def __init__(
        self,
        key: str,
        size: int = 0,
        etag: Optional[str] = None,
        last_modified: Optional[datetime] = None,
        storage_class: Optional[str] = None,
        version_id: Optional[str] = None,
        is_latest: bool = True,
        is_delete_marker: bool = False,
        content_type: Optional[str] = None,
        metadata: Optional[Union[Metadata, Mapping[str, str]]] = None,
        checksums: Optional[Mapping[str, str]] = None,
        restore_status: Optional[RestoreStatus] = None,
        details: Optional[Details] = None,
    ) -> None:
        """All but the key may be left out; a time without a zone is local."""
        if not isinstance(metadata, Metadata):
            metadata = Metadata(content_type, user=metadata or ())
        self._set(
            key,
            size,
            etag,
            _microseconds(last_modified),
            storage_class,
            version_id,
            is_latest,
            is_delete_marker,
            content_type,
            metadata,
            MappingProxyType(dict(checksums)) if checksums else _NOTHING,
            restore_status,
            details,
        )

    @property
    def last_modified(self) -> Optional[datetime]:
        """When it was last written, in UTC."""
        return _time(self._modified)

    def __hash__(self) -> int:
        return hash((self.key, self.version_id, self.etag))

    def __reduce__(self) -> Tuple[Any, ...]:
        # What only shows a mapping cannot be pickled.
        plain = (dict(v) if isinstance(v, MappingProxyType) else v for v in self._values())
        return (Object, tuple(plain))


def _object(fields: Tuple[Any, ...]) -> Object:
    """The object of the native module's fields."""
    *plain, metadata, checksums, restore_status, details = fields
    kept = _metadata(metadata)
    made = Object.__new__(Object)
    made._set(
        *plain,
        kept.content_type,
        kept,
        MappingProxyType(dict(checksums)) if checksums else _NOTHING,
        _restore_status(restore_status),
        _details(details),
    )
    return made


class CommonPrefix(_Value):
    """A group of keys that share a beginning up to a delimiter."""

    __slots__ = __match_args__ = ("prefix",)

    prefix: str
    """The shared beginning, the delimiter included."""

    def __init__(self, prefix: str) -> None:
        """Of this beginning."""
        self._set(prefix)


class ListSummary(_Value):
    """How a listing stands, or ended: what it may be relied upon for."""

    __slots__ = __match_args__ = (
        "order",
        "no_repeats",
        "end",
        "early_ends",
        "unreadable",
        "without_time",
        "remarks",
    )

    order: str
    """"ascending" by the bytes of the keys, or "unordered", which proves nothing."""
    no_repeats: bool
    """Whether it is certain that no key came twice: always where they ascend; in another order
    as far as half of `memory_limit` serves to tell."""
    end: str
    """"not_reached"; "told": by the server alone; "proven": a request behind the last key brought
    nothing, or a key beyond the range had come; "outrun": new keys kept appearing behind the last
    one, and ten pages of them were taken."""
    early_ends: int
    """How often the server said that there is no more, and there was: the listing went on."""
    unreadable: int
    """Entries that could not be read: each was an error of its own."""
    without_time: int
    """Objects whose `LastModified` nobody can read; they have none."""
    remarks: Tuple[str, ...]
    """What of it an operator should know, one line each."""

    def __init__(
        self,
        order: str,
        no_repeats: bool,
        end: str,
        early_ends: int,
        unreadable: int,
        without_time: int,
        remarks: Iterable[str],
    ) -> None:
        """All of it has to be said."""
        self._set(order, no_repeats, end, early_ends, unreadable, without_time, tuple(remarks))


class Bucket(_Value):
    """One bucket."""

    __slots__ = ("name", "_created")
    __match_args__ = ("name", "created")

    name: str
    """The name."""
    _created: Optional[int]
    """When it was created, in microseconds since 1970."""

    def __init__(self, name: str, created: Optional[datetime]) -> None:
        """Of this name, created then; a time without a zone is local."""
        self._set(name, _microseconds(created))

    @property
    def created(self) -> Optional[datetime]:
        """When it was created, in UTC."""
        return _time(self._created)


def _bucket(fields: Tuple[Any, ...]) -> Bucket:
    """The bucket of the native module's fields."""
    made = Bucket.__new__(Bucket)
    made._set(*fields)
    return made


class Caller(_Value):
    """As whom a client signs its requests."""

    __slots__ = ("source", "access_key_id", "_expires", "arn", "unanswered")
    __match_args__ = ("source", "access_key_id", "expires", "arn", "unanswered")

    source: str
    """Where the keys come from, for a person to read."""
    access_key_id: Optional[str]
    """The access key id; `None` if nothing is signed."""
    _expires: Optional[int]
    """When the keys end, in microseconds since 1970."""
    arn: Optional[str]
    """Who that is, as STS says; `None` where there is none to ask, or none that says it."""
    unanswered: Optional[str]
    """Why STS did not say it, in one line, where it was asked."""

    def __init__(
        self,
        source: str,
        access_key_id: Optional[str],
        expires: Optional[datetime],
        arn: Optional[str],
        unanswered: Optional[str] = None,
    ) -> None:
        """From there, with that id, ending then, of that one."""
        self._set(source, access_key_id, _microseconds(expires), arn, unanswered)

    @property
    def expires(self) -> Optional[datetime]:
        """When the keys end, in UTC; `None` for those that do not."""
        return _time(self._expires)


def _caller(fields: Tuple[Any, ...]) -> Caller:
    """The caller of the native module's fields."""
    made = Caller.__new__(Caller)
    made._set(*fields)
    return made


class Verdict(_Value):
    """What was proven about the bytes of one reader, and what it took to get them.

    Two are equal that say the same of proof and effort; their digests are of the bytes.
    """

    __match_args__ = (
        "method",
        "bytes",
        "resumes",
        "retries",
        "unproven",
        "reread",
        "is_probably_damaged",
    )
    __slots__ = (*__match_args__, "digest", "own_digest")

    method: str
    """By which method the end was proven: a checksum by name ("crc64nvme", "md5", ...),
    "composite", "length" where there was no better, "range" for a part of an object."""
    bytes: int
    """Bytes delivered."""
    resumes: int
    """How often the body was taken up again at an offset on another connection."""
    retries: int
    """How many requests were repeated because they failed."""
    unproven: Optional[str]
    """Why no digest proves the bytes: "none offered", "not checkable" (a checksum of the parts,
    whose size nobody tells), "read twice" (that checksum disagrees at a likely part size, and a
    second read gave the same bytes), "not read twice" (it disagrees, and `read_twice` is off),
    "not asked for" (`integrity` leaves it out), "range". `None` where a digest proves them."""
    reread: int
    """Bytes of a second read of the object, made only to compare it with the first."""
    is_probably_damaged: bool
    """Whether the digest disagrees at the one part size at which the bucket's other objects
    agreed."""
    digest: Optional[Checksum]
    """The digest that proves the bytes, as the server states it: an ETag that is an MD5, too."""
    own_digest: Optional[Checksum]
    """Our own digest of the bytes that were delivered, whatever proves them: their
    CRC-64/NVME. `None` for a part of an object, and with `own_digest=False`."""

    def __init__(
        self,
        method: str,
        bytes: int,
        resumes: int,
        retries: int,
        unproven: Optional[str] = None,
        reread: int = 0,
        is_probably_damaged: bool = False,
        digest: Optional[Checksum] = None,
        own_digest: Optional[Checksum] = None,
    ) -> None:
        """What is left out is as of bytes that a digest proves."""
        self._set(
            method,
            bytes,
            resumes,
            retries,
            unproven,
            reread,
            is_probably_damaged,
            digest,
            own_digest,
        )

    def __reduce__(self) -> Tuple[Any, ...]:
        return (Verdict, (*self._values(), self.digest, self.own_digest))

    @property
    def is_proven(self) -> bool:
        """Whether a digest that the server stated proves the bytes, and not their number alone."""
        return self.unproven is None


def _verdict(fields: Tuple[Any, ...]) -> Verdict:
    """The verdict of the native module's fields."""
    made = Verdict.__new__(Verdict)
    digests = (None if digest is None else Checksum(*digest) for digest in fields[-2:])
    made._set(*fields[:-2], *digests)
    return made


class Wanted(_Value):
    """One object that `Client.stream` is to read, with wishes that an `Object` cannot have."""

    __slots__ = __match_args__ = ("key", "version_id", "if_match", "size", "ahead", "object")

    key: str
    """The key."""
    version_id: Optional[str]
    """This version; the newest if `None`."""
    if_match: Optional[str]
    """Only if its ETag is this one; otherwise its first read raises `ChangedError`."""
    size: Optional[int]
    """Its size in bytes, as far as known: so much memory is planned for."""
    ahead: bool
    """Whether it is requested ahead; otherwise its request goes out at its first read."""
    object: Optional[Object]
    """What a listing said of it, which is what the reader says until it is opened."""

    def __init__(
        self,
        key: str,
        version_id: Optional[str] = None,
        if_match: Optional[str] = None,
        size: Optional[int] = None,
        ahead: bool = True,
    ) -> None:
        """All but the key may be left out; see `of` for an object of a listing."""
        self._set(key, version_id, if_match, size, ahead, None)

    @classmethod
    def of(cls, object: Object, *, pinned: bool = False, ahead: bool = True) -> Wanted:
        """The object that a listing described; exactly that content if `pinned`."""
        wanted = cls.__new__(cls)
        etag = object.etag if pinned else None
        wanted._set(object.key, object.version_id, etag, object.size, ahead, object)
        return wanted

    def __reduce__(self) -> Tuple[Any, ...]:
        return (_wanted, self._values())


def _wanted(*fields: Any) -> Wanted:
    """One that was pickled."""
    wanted = Wanted.__new__(Wanted)
    wanted._set(*fields)
    return wanted
