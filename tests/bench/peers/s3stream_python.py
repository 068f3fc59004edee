"""s3stream's own Python package, measured beside the peers."""

from __future__ import annotations

from typing import Any

from job import Done, Job, NotHere, each, run


def client(job: Job) -> Any:
    try:
        import s3stream
    except ImportError as error:
        raise NotHere(f"the package s3stream is not installed: {error}") from error
    if not hasattr(s3stream, "Client"):
        raise NotHere("this build of the package has no Client")
    return s3stream.Client()


def get(s3: Any, job: Job, key: str) -> int:
    with s3.open(job.bucket, key) as reader:
        return len(reader.read())


def read_one(s3: Any, job: Job) -> Done:
    size = 0
    with s3.open(job.bucket, job.key) as reader:
        while piece := reader.read(job.buffer * 1024):
            size += len(piece)
    return 1, size


def readinto_one(s3: Any, job: Job) -> Done:
    buffer = bytearray(job.buffer * 1024)
    size = 0
    with s3.open(job.bucket, job.key) as reader:
        while length := reader.readinto(buffer):
            size += length
    return 1, size


def stream(s3: Any, job: Job) -> Done:
    """Listed and read in order, as an agent does it."""
    if not hasattr(s3, "stream"):
        raise NotHere("this build of the package has no stream")
    buffer = bytearray(256 * 1024)
    objects = size = 0
    listed = s3.list(job.bucket, job.prefix)
    for reader in s3.stream(job.bucket, listed, concurrency=job.concurrency):
        while length := reader.readinto(buffer):
            size += length
        objects += 1
    return objects, size


def listing(s3: Any, job: Job) -> Done:
    objects = size = 0
    for entry in s3.list(job.bucket, job.prefix):
        objects, size = objects + 1, size + entry.size
    return objects, size


run(
    client,
    {
        "open-each": lambda s3, job: each(job, lambda key: get(s3, job, key)),
        "stream": stream,
        "read-one": read_one,
        "readinto-one": readinto_one,
        "list": listing,
    },
    is_peer=False,
)
