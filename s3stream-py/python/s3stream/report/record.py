"""One object's outcome: one line of the manifest."""

from __future__ import annotations

from typing import Any, Dict, Optional

from s3stream import _native
from s3stream._hints import HINTED
from s3stream.errors import S3Error
from s3stream.objects import Object, Verdict
from s3stream.values import _microseconds, _Value

TYPE_CHECKING = False
if TYPE_CHECKING or HINTED:
    from datetime import datetime

__all__ = ["Failure", "Record"]


class Failure(_Value):
    """Why an object failed."""

    __slots__ = __match_args__ = ("kind", "message", "status", "code")

    kind: str
    """The `kind` of an `S3Error`, or "destination" where the bytes could not be written."""
    message: str
    """What went wrong, in one line."""
    status: Optional[int]
    """The HTTP status of the reply."""
    code: Optional[str]
    """The S3 error code of the reply."""

    def __init__(
        self,
        kind: str,
        message: str = "",
        status: Optional[int] = None,
        code: Optional[str] = None,
    ) -> None:
        """All but the kind may be left out."""
        self._set(kind, message, status, code)

    @classmethod
    def of(cls, error: BaseException) -> Failure:
        """The failure that an exception is: what is not s3stream's is the destination's."""
        if isinstance(error, S3Error):
            message = error.strerror or ""
            return cls(error.kind, _one_line(message), error.status, error.code)
        return cls("destination", _one_line(str(error) or type(error).__name__))


class Record(_Value):
    """One object's outcome, as one line of the manifest; what is `None` is left out of it."""

    __slots__ = __match_args__ = (
        "bucket",
        "key",
        "outcome",
        "version_id",
        "size",
        "etag",
        "last_modified",
        "storage_class",
        "method",
        "bytes",
        "is_newer_than_listed",
        "attempts",
        "resumes",
        "retries",
        "seconds",
        "name",
        "reason",
        "error",
        "unproven",
        "reread",
        "is_probably_damaged",
    )

    bucket: str
    key: str
    outcome: str
    """"streamed", "skipped" or "failed"."""
    version_id: Optional[str]
    size: Optional[int]
    etag: Optional[str]
    last_modified: Optional[datetime]
    storage_class: Optional[str]
    method: Optional[str]
    """By which method the bytes were proven."""
    bytes: Optional[int]
    """Bytes that were read."""
    is_newer_than_listed: bool
    """Whether it is another one than was listed: see `ObjectReader.is_newer_than_listed`."""
    attempts: Optional[int]
    """Requests that it took; of a failed object, those since the last progress."""
    resumes: Optional[int]
    retries: Optional[int]
    seconds: Optional[float]
    """Seconds from the request to the end."""
    name: Optional[str]
    """The name of the member in the archive: see `s3stream.key_of`. A failed object has one
    only if a part of it is in the archive all the same."""
    reason: Optional[str]
    """Why it was skipped, or what else is to be known about it."""
    error: Optional[Failure]
    """Why it failed."""
    unproven: Optional[str]
    """Why no digest proves the bytes: see `Verdict`."""
    reread: Optional[int]
    """Bytes of a second read, made only to compare it with the first."""
    is_probably_damaged: bool
    """Whether it is not proven although the bucket's other objects are: see `Verdict`."""

    def __init__(
        self,
        bucket: str,
        key: str,
        outcome: str,
        version_id: Optional[str] = None,
        size: Optional[int] = None,
        etag: Optional[str] = None,
        last_modified: Optional[datetime] = None,
        storage_class: Optional[str] = None,
        method: Optional[str] = None,
        bytes: Optional[int] = None,
        is_newer_than_listed: bool = False,
        attempts: Optional[int] = None,
        resumes: Optional[int] = None,
        retries: Optional[int] = None,
        seconds: Optional[float] = None,
        name: Optional[str] = None,
        reason: Optional[str] = None,
        error: Optional[Failure] = None,
        unproven: Optional[str] = None,
        reread: Optional[int] = None,
        is_probably_damaged: bool = False,
    ) -> None:
        """All but bucket, key and outcome may be left out."""
        self._set(
            bucket,
            key,
            outcome,
            version_id,
            size,
            etag,
            last_modified,
            storage_class,
            method,
            bytes,
            is_newer_than_listed,
            attempts,
            resumes,
            retries,
            seconds,
            name,
            reason,
            error,
            unproven,
            reread,
            is_probably_damaged,
        )

    @classmethod
    def streamed(cls, bucket: str, object: Object, verdict: Verdict, **more: Any) -> Record:
        """The record of an object that was read to its proven end."""
        facts = {
            "method": verdict.method,
            "bytes": verdict.bytes,
            "attempts": verdict.retries + 1,
            "resumes": verdict.resumes,
            "retries": verdict.retries,
            "unproven": verdict.unproven,
            "reread": verdict.reread or None,
            "is_probably_damaged": verdict.is_probably_damaged,
        }
        return cls._of(bucket, object, "streamed", {**facts, **more})

    @classmethod
    def skipped(cls, bucket: str, object: Object, reason: str, **more: Any) -> Record:
        """The record of an object that was left out on purpose."""
        return cls._of(bucket, object, "skipped", {"reason": reason, **more})

    @classmethod
    def failed(
        cls, bucket: str, object: Object, error: BaseException | Failure, **more: Any
    ) -> Record:
        """The record of an object that is not there in full."""
        failure = error if isinstance(error, Failure) else Failure.of(error)
        attempts = error.attempts or None if isinstance(error, S3Error) else None
        return cls._of(bucket, object, "failed", {"error": failure, "attempts": attempts, **more})

    @classmethod
    def _of(cls, bucket: str, object: Object, outcome: str, more: Dict[str, Any]) -> Record:
        return cls(
            bucket,
            object.key,
            outcome,
            version_id=object.version_id,
            size=object.size,
            etag=object.etag,
            last_modified=object.last_modified,
            storage_class=object.storage_class,
            **more,
        )

    def _fields(self) -> Dict[str, Any]:
        """What the native module takes: flat, and times in microseconds."""
        fields = dict(zip(self.__match_args__, self._values()))
        error = fields.pop("error")
        fields["last_modified"] = _microseconds(self.last_modified)
        if self.seconds is not None:
            # More digits would be noise in every line.
            fields["seconds"] = round(self.seconds, 6)
        if error is not None:
            fields["error_kind"] = error.kind
            fields["error_message"] = error.message
            fields["error_status"] = error.status
            fields["error_code"] = error.code
        return fields


def _one_line(text: str) -> str:
    """A text in which nothing deceives: an operator greps logs by line."""
    return _native.shown(text.encode("utf-8", "backslashreplace").decode())
