"""S3 objects as streams for backup agents: read one after another, paused for hours, taken up
again, and at the end proven by the checksum that the server keeps, or said not to be, and why.

    import s3stream

    client = s3stream.Client()          # from AWS_ENDPOINT_URL, AWS_PROFILE, ~/.aws/config, ...
    for reader in client.stream("bucket", client.list("bucket", "logs/")):
        shutil.copyfileobj(reader, archive)              # take any time
        print(reader.object.key, reader.verdict)         # by "crc64nvme", "md5", ...

==========================  ================================================
`Client`                    settings; `list`, `head`, `open`, `stream`
`ObjectReader`              one object, as a raw file (`io.RawIOBase`)
`ObjectList`                a listing: an iterator of `Object`
`GroupedList`               with a delimiter: of `Object` and `CommonPrefix`
`ObjectStream`              many objects in order, fetched ahead
`errors`                    a class for each kind of failure
`file_name`, `key_of`       keys as file names and back; `Names` for a listing
`version_file_name`         paths of versions, and `version_of` back
`plan`                      a bucket cut into shards, for many jobs
`report`                    what became of every object: manifest and page
==========================  ================================================
"""

from __future__ import annotations

from s3stream import _native
from s3stream.client import Client
from s3stream.errors import (
    AccessDeniedError,
    AlreadyExistsError,
    ArchivedError,
    CancelledError,
    ChangedError,
    IntegrityError,
    InternalError,
    InvalidInputError,
    NotFoundError,
    ProtocolError,
    S3Error,
    ServiceError,
    ThrottledError,
    TimedOutError,
    TransportError,
    UnsupportedError,
)
from s3stream.listing import GroupedList, ObjectList
from s3stream.names import Names, file_name, key_of, version_file_name, version_of
from s3stream.objects import (
    Acl,
    Bucket,
    Caller,
    Checksum,
    CommonPrefix,
    Details,
    Grant,
    ListSummary,
    Metadata,
    Object,
    RestoreStatus,
    Verdict,
    Wanted,
)
from s3stream.reader import ObjectReader
from s3stream.stream import ObjectStream

__all__ = [
    "AccessDeniedError",
    "Acl",
    "AlreadyExistsError",
    "ArchivedError",
    "Bucket",
    "Caller",
    "CancelledError",
    "ChangedError",
    "Checksum",
    "Client",
    "CommonPrefix",
    "Details",
    "Grant",
    "GroupedList",
    "IntegrityError",
    "InternalError",
    "InvalidInputError",
    "ListSummary",
    "Metadata",
    "Names",
    "NotFoundError",
    "Object",
    "ObjectList",
    "ObjectReader",
    "ObjectStream",
    "ProtocolError",
    "RestoreStatus",
    "S3Error",
    "ServiceError",
    "ThrottledError",
    "TimedOutError",
    "TransportError",
    "UnsupportedError",
    "Verdict",
    "Wanted",
    "__version__",
    "file_name",
    "key_of",
    "version_file_name",
    "version_of",
]

__version__: str = _native.version()
