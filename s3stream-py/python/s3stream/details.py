"""What a reply says of an object besides its bytes, and what can be asked of it apart from them."""

from __future__ import annotations

from s3stream._hints import HINTED
from s3stream.values import _microseconds, _time, _Value

TYPE_CHECKING = False
if TYPE_CHECKING or HINTED:
    from datetime import datetime
    from typing import Any, Dict, Iterable, Iterator, Mapping, Optional, Tuple, Union

__all__ = ["Acl", "Checksum", "Details", "Grant", "Metadata", "RestoreStatus"]


class Metadata(_Value):
    """What an object was written with: headers, and the user's own fields.

    It is a mapping of the user's fields as well: their names in lower case without
    "x-amz-meta-", their values as text (UTF-8, or else Latin-1, which any bytes are; what came
    twice is one value, as HTTP has it). `user` has every one of them to the byte.

    >>> metadata = Metadata(user=[("name", b"JULI\\xc1N")], content_type="text/plain")
    >>> metadata["name"], metadata.user
    ('JULIÁN', (('name', b'JULI\\xc1N'),))
    """

    __slots__ = (
        "content_type",
        "cache_control",
        "content_encoding",
        "content_disposition",
        "content_language",
        "expires",
        "website_redirect",
        "user",
        "missing_meta",
        "headers",
    )
    __match_args__ = __slots__

    content_type: Optional[str]
    """`Content-Type`: the media type. It and the others are Latin-1 where they are not UTF-8."""
    cache_control: Optional[str]
    """`Cache-Control`."""
    content_encoding: Optional[str]
    """`Content-Encoding`, without "aws-chunked", which is of an upload and not of the object."""
    content_disposition: Optional[str]
    """`Content-Disposition`."""
    content_language: Optional[str]
    """`Content-Language`."""
    expires: Optional[str]
    """`Expires`, as it was written: it need not be a date."""
    website_redirect: Optional[str]
    """`x-amz-website-redirect-location`."""
    user: Tuple[Tuple[str, bytes], ...]
    """The user's fields in the order of the reply: names in lower case, values to the byte."""
    missing_meta: int
    """How many of the user's fields the server has and cannot send."""
    headers: Tuple[Tuple[str, bytes], ...]
    """Those of the headers above that are there, by their names in a reply, to the byte."""

    def __init__(
        self,
        content_type: Optional[str] = None,
        cache_control: Optional[str] = None,
        content_encoding: Optional[str] = None,
        content_disposition: Optional[str] = None,
        content_language: Optional[str] = None,
        expires: Optional[str] = None,
        website_redirect: Optional[str] = None,
        user: Union[Mapping[str, str], Iterable[Tuple[str, Union[str, bytes]]]] = (),
        missing_meta: int = 0,
        headers: Optional[Iterable[Tuple[str, bytes]]] = None,
    ) -> None:
        """All may be left out; text is UTF-8. `headers` follow from the others."""
        named = (
            content_type,
            cache_control,
            content_encoding,
            content_disposition,
            content_language,
            expires,
            website_redirect,
        )
        pairs = user.items() if hasattr(user, "items") else user
        given = zip(_HEADERS, named) if headers is None else headers
        self._set(
            *named,
            tuple((name.lower(), _bytes(value)) for name, value in pairs),
            missing_meta,
            tuple((name, _bytes(value)) for name, value in given if value is not None),
        )

    def _texts(self) -> Dict[str, str]:
        joined: Dict[str, str] = {}
        for name, value in self.user:
            text = _text(value)
            joined[name] = f"{joined[name]}, {text}" if name in joined else text
        return joined

    def __getitem__(self, name: str) -> str:
        return self._texts()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts())

    def __len__(self) -> int:
        return len(self._texts())

    def __contains__(self, name: object) -> bool:
        return any(name == known for known, _ in self.user)

    def __bool__(self) -> bool:
        return self != _NO_METADATA

    def get(self, name: str, default: Optional[str] = None) -> Optional[str]:
        """The value of one of the user's fields, or `default`."""
        return self._texts().get(name, default)

    def keys(self) -> Iterable[str]:
        """The names of the user's fields."""
        return self._texts().keys()

    def values(self) -> Iterable[str]:
        """The values of the user's fields."""
        return self._texts().values()

    def items(self) -> Iterable[Tuple[str, str]]:
        """The user's fields."""
        return self._texts().items()


_HEADERS = (
    "content-type",
    "cache-control",
    "content-encoding",
    "content-disposition",
    "content-language",
    "expires",
    "x-amz-website-redirect-location",
)

_NO_METADATA = Metadata()


def _metadata(fields: Optional[Tuple[Any, ...]]) -> Metadata:
    """The metadata of the native module's fields: values by name, user's pairs, missing ones."""
    if fields is None:
        return _NO_METADATA
    headers, user, missing = fields
    if not headers and not user and not missing:
        return _NO_METADATA
    known = dict(headers)
    named = [_text(known[name]) if name in known else None for name in _HEADERS]
    made = Metadata.__new__(Metadata)
    made._set(*named, tuple(user), missing, tuple(headers))
    return made


def _bytes(value: Union[str, bytes]) -> bytes:
    return value.encode("utf-8") if isinstance(value, str) else bytes(value)


def _text(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")


class RestoreStatus(_Value):
    """How the restore of an archived object stands; an object that nobody asked for has none."""

    __slots__ = ("is_ongoing", "_until")
    __match_args__ = ("is_ongoing", "until")

    is_ongoing: bool
    """Whether it is under way: the object cannot be read yet."""
    _until: Optional[int]
    """Until when it can be read, in microseconds since 1970."""

    def __init__(self, is_ongoing: bool, until: Optional[datetime] = None) -> None:
        """Under way, or there until then; a time without a zone is local."""
        self._set(is_ongoing, _microseconds(until))

    @property
    def until(self) -> Optional[datetime]:
        """Until when it can be read, in UTC, where the server says so."""
        return _time(self._until)

    @property
    def is_restored(self) -> bool:
        """Whether the object can be read for now."""
        return not self.is_ongoing


def _restore_status(fields: Optional[Tuple[bool, Optional[int]]]) -> Optional[RestoreStatus]:
    if fields is None:
        return None
    made = RestoreStatus.__new__(RestoreStatus)
    made._set(*fields)
    return made


class Details(_Value):
    """What a reply says of an object besides, and no listing does: encryption, lock, tags.

    `None` means that the server did not say: it may not know of it, or the caller's rights do
    not reach so far.
    """

    __slots__ = (
        "tag_count",
        "encryption",
        "kms_key_id",
        "customer_algorithm",
        "retention_mode",
        "_retain_until",
        "legal_hold",
        "parts_count",
        "checksum_type",
        "replication_status",
        "unread",
    )
    __match_args__ = (
        "tag_count",
        "encryption",
        "kms_key_id",
        "customer_algorithm",
        "retention_mode",
        "retain_until",
        "legal_hold",
        "parts_count",
        "checksum_type",
        "replication_status",
        "unread",
    )

    tag_count: Optional[int]
    """How many tags it has; left out where it has none."""
    encryption: Optional[str]
    """How it is kept encrypted: "AES256", "aws:kms", "aws:kms:dsse", or "customer" (SSE-C)."""
    kms_key_id: Optional[str]
    """The key of the key management service."""
    customer_algorithm: Optional[str]
    """The algorithm of a customer's key."""
    retention_mode: Optional[str]
    """Who may lift its retention: "GOVERNANCE" or "COMPLIANCE"."""
    _retain_until: Optional[int]
    """Until when it may not be deleted, in microseconds since 1970."""
    legal_hold: Optional[str]
    """Whether it may not be deleted, without an end: "ON" or "OFF"."""
    parts_count: Optional[int]
    """In how many parts it was written, where the reply says so."""
    checksum_type: Optional[str]
    """Of what its checksums are: "FULL_OBJECT" or "COMPOSITE"."""
    replication_status: Optional[str]
    """How its replication stands: "COMPLETED", "PENDING", "FAILED" or "REPLICA"."""
    unread: Tuple[str, ...]
    """The names of fields that were there and that nobody can read."""

    def __init__(
        self,
        tag_count: Optional[int] = None,
        encryption: Optional[str] = None,
        kms_key_id: Optional[str] = None,
        customer_algorithm: Optional[str] = None,
        retention_mode: Optional[str] = None,
        retain_until: Optional[datetime] = None,
        legal_hold: Optional[str] = None,
        parts_count: Optional[int] = None,
        checksum_type: Optional[str] = None,
        replication_status: Optional[str] = None,
        unread: Iterable[str] = (),
    ) -> None:
        """All may be left out; a time without a zone is local."""
        self._set(
            tag_count,
            encryption,
            kms_key_id,
            customer_algorithm,
            retention_mode,
            _microseconds(retain_until),
            legal_hold,
            parts_count,
            checksum_type,
            replication_status,
            tuple(unread),
        )

    @property
    def retain_until(self) -> Optional[datetime]:
        """Until when it may not be deleted, in UTC."""
        return _time(self._retain_until)


def _details(fields: Optional[Tuple[Any, ...]]) -> Optional[Details]:
    if fields is None:
        return None
    *plain, unread = fields
    made = Details.__new__(Details)
    made._set(*plain, tuple(unread))
    return made


class Checksum(_Value):
    """A checksum, as S3 writes it."""

    __slots__ = __match_args__ = ("algorithm", "value", "hex")

    algorithm: str
    """By which algorithm: "crc64nvme", "sha256", "md5", ..."""
    value: str
    """The value in base64, with "-N" behind it where it is a composite of N parts."""
    hex: str
    """The same in hexadecimal, as `md5sum` and its like write it."""

    def __init__(self, algorithm: str, value: str, hex: str) -> None:
        """All of it has to be said."""
        self._set(algorithm, value, hex)


class Grant(_Value):
    """One right of somebody."""

    __slots__ = __match_args__ = ("kind", "grantee", "name", "permission")

    kind: str
    """S3's word for the sort: "CanonicalUser", "Group" or "AmazonCustomerByEmail"."""
    grantee: str
    """The user's id, the group's URI or the address."""
    name: Optional[str]
    """The user's name, where the server gives one."""
    permission: str
    """"FULL_CONTROL", "READ", "WRITE", "READ_ACP" or "WRITE_ACP"."""

    def __init__(self, kind: str, grantee: str, name: Optional[str], permission: str) -> None:
        """All of it has to be said."""
        self._set(kind, grantee, name, permission)


class Acl(_Value):
    """Who owns an object, and who else may do what with it."""

    __slots__ = __match_args__ = ("owner_id", "owner_name", "grants")

    owner_id: Optional[str]
    """The owner's id; an id means something in its own service only."""
    owner_name: Optional[str]
    """The owner's name, where the server gives one."""
    grants: Tuple[Grant, ...]
    """Who may do what, in the order of the reply."""

    def __init__(
        self, owner_id: Optional[str], owner_name: Optional[str], grants: Iterable[Grant]
    ) -> None:
        """All of it has to be said."""
        self._set(owner_id, owner_name, tuple(grants))
