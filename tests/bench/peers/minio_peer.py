"""MinIO's Python SDK, and through it urllib3."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import urllib3
from job import Done, Job, each, environment, on_threads, run
from minio import Minio


def client(job: Job) -> Minio:
    server = environment()
    endpoint = urlsplit(server["endpoint"])
    return Minio(
        endpoint.netloc,
        access_key=server["access_key"],
        secret_key=server["secret_key"],
        region=server["region"],
        secure=endpoint.scheme == "https",
        http_client=urllib3.PoolManager(maxsize=max(job.concurrency, 10)),
    )


def get(s3: Any, job: Job, key: str) -> int:
    reply = s3.get_object(bucket_name=job.bucket, object_name=key)
    try:
        return len(reply.read())
    finally:
        reply.close()
        reply.release_conn()


def read_one(s3: Any, job: Job) -> Done:
    reply = s3.get_object(bucket_name=job.bucket, object_name=job.key)
    size = 0
    while piece := reply.read(job.buffer * 1024):
        size += len(piece)
    reply.release_conn()
    return 1, size


def readinto_one(s3: Any, job: Job) -> Done:
    reply = s3.get_object(bucket_name=job.bucket, object_name=job.key)
    buffer = bytearray(job.buffer * 1024)
    size = 0
    while length := reply.readinto(buffer):
        size += length
    reply.release_conn()
    return 1, size


def listing(s3: Any, job: Job) -> Done:
    objects = size = 0
    for entry in s3.list_objects(bucket_name=job.bucket, prefix=job.prefix, recursive=True):
        objects, size = objects + 1, size + entry.size
    return objects, size


run(
    client,
    {
        "open-each": lambda s3, job: each(job, lambda key: get(s3, job, key)),
        "concurrent": lambda s3, job: on_threads(job, lambda key: get(s3, job, key)),
        "read-one": read_one,
        "readinto-one": readinto_one,
        "list": listing,
    },
)
