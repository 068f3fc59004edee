"""What can go wrong: one class for each kind of failure, all of them `S3Error` and `OSError`.

Catch by class, or by the built-in class that is the other base: `except FileNotFoundError`
catches a missing key. Where one kind has several causes, `code` tells them apart
(`NoSuchKey` and `NoSuchBucket` are both `NotFoundError`).
"""

from __future__ import annotations

import errno as _errno

from s3stream._hints import HINTED

TYPE_CHECKING = False
if TYPE_CHECKING or HINTED:
    from typing import Any, ClassVar, Dict, Optional, Tuple, Type

__all__ = [
    "AccessDeniedError",
    "AlreadyExistsError",
    "ArchivedError",
    "CancelledError",
    "ChangedError",
    "IntegrityError",
    "InternalError",
    "InvalidInputError",
    "NotFoundError",
    "ProtocolError",
    "S3Error",
    "ServiceError",
    "ThrottledError",
    "TimedOutError",
    "TransportError",
    "UnsupportedError",
]


class S3Error(OSError):
    """A failure: what kind it was, where it happened, what the server said, how often it was tried.

    `str()` is one line for an operator and holds no secret. `errno`, `strerror` and `filename`
    (`s3://bucket/key`) are as for every `OSError`.
    """

    kind: ClassVar[str] = ""
    """The name of the kind, the same in Rust, Python and C: "not_found", "throttled", ..."""

    _errno: ClassVar[int] = 0

    status: Optional[int]
    """The HTTP status of the reply, if there was a reply."""

    code: Optional[str]
    """The S3 error code of the reply ("NoSuchKey", "SlowDown"), if it had one."""

    request_id: Optional[str]
    """The server's request id, for its operator."""

    attempts: int
    """How many requests were sent since the last progress; 0 if none was."""

    is_outage: bool
    """Whether the endpoint answered nothing at all for as long as `retry_for` allows: it is nothing
    about this object, and the next one will fare no better."""

    entry: Optional[str]
    """The name of the one entry of a listing that cannot be read, if this is of that alone: the
    listing goes on behind it."""

    def __init__(
        self,
        message: str = "",
        *,
        line: Optional[str] = None,
        filename: Optional[str] = None,
        status: Optional[int] = None,
        code: Optional[str] = None,
        request_id: Optional[str] = None,
        attempts: int = 0,
        is_outage: bool = False,
        entry: Optional[str] = None,
    ) -> None:
        """`message` is what went wrong; `line` the whole of it, made up if absent."""
        super().__init__(self._errno, message or self.kind.replace("_", " "))
        if filename is not None:
            self.filename = filename
        self.status = status
        self.code = code
        self.request_id = request_id
        self.attempts = attempts
        self.is_outage = is_outage
        self.entry = entry
        self._message = message
        self._line = line

    def __str__(self) -> str:
        if self._line is not None:
            return self._line
        place = "" if self.filename is None else f"{self.filename}: "
        return f"{place}{self.strerror}"

    def __reduce__(self) -> Tuple[Any, ...]:
        facts = {
            "line": self._line,
            "filename": self.filename,
            "status": self.status,
            "code": self.code,
            "request_id": self.request_id,
            "attempts": self.attempts,
            "is_outage": self.is_outage,
            "entry": self.entry,
        }
        return (_again, (type(self), self._message, facts))


def _again(class_: Type[S3Error], message: str, facts: Dict[str, Any]) -> S3Error:
    """An error that was pickled."""
    return class_(message, **facts)


class InvalidInputError(S3Error, ValueError):
    """A setting or argument that cannot work; nothing was sent for it."""

    kind = "invalid_input"
    _errno = _errno.EINVAL


class NotFoundError(S3Error, FileNotFoundError):
    """No such key, bucket or version; a delete marker too."""

    kind = "not_found"
    _errno = _errno.ENOENT


class AccessDeniedError(S3Error, PermissionError):
    """The server refused the credentials or the permission."""

    kind = "access_denied"
    _errno = _errno.EACCES


class ChangedError(S3Error):
    """No longer the object that was opened."""

    kind = "changed"
    _errno = _errno.ESTALE


class ThrottledError(S3Error):
    """The server asked for fewer requests, and kept asking."""

    kind = "throttled"
    _errno = _errno.EBUSY


class TimedOutError(S3Error, TimeoutError):
    """No byte came for as long as the settings allow."""

    kind = "timed_out"
    _errno = _errno.ETIMEDOUT


class TransportError(S3Error, ConnectionError):
    """The connection could not be made, or broke; certificate errors too."""

    kind = "connection"
    _errno = _errno.ECONNABORTED


class ServiceError(S3Error):
    """Any other reply of status 400 or above."""

    kind = "service"
    _errno = _errno.EIO


class ProtocolError(S3Error):
    """A reply that is not S3's."""

    kind = "protocol"
    _errno = _errno.EPROTO


class IntegrityError(S3Error):
    """The bytes are not the server's bytes: length or checksum disagree."""

    kind = "integrity"
    _errno = _errno.EBADMSG


class CancelledError(S3Error):
    """Cancelled by the caller."""

    kind = "cancelled"
    _errno = _errno.ECANCELED


class InternalError(S3Error, RuntimeError):
    """A bug of s3stream, caught at its boundary."""

    kind = "internal"
    _errno = _errno.ENOTRECOVERABLE


class ArchivedError(S3Error):
    """The object is in an archive class and must be restored first."""

    kind = "archived"
    _errno = _errno.ENODATA


class AlreadyExistsError(S3Error, FileExistsError):
    """The thing to be created is there already."""

    kind = "already_exists"
    _errno = _errno.EEXIST


class UnsupportedError(S3Error, NotImplementedError):
    """The server does not implement what was asked."""

    kind = "unsupported"
    _errno = _errno.ENOTSUP
