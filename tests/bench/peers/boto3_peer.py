"""boto3, and through it botocore and urllib3."""

from __future__ import annotations

from typing import Any

import boto3
from botocore.config import Config
from job import Done, Job, each, environment, on_threads, run


def client(job: Job) -> Any:
    server = environment()
    config = Config(
        max_pool_connections=max(job.concurrency, 10),
        s3={"addressing_style": "path"},
    )
    return boto3.client(
        "s3",
        endpoint_url=server["endpoint"],
        aws_access_key_id=server["access_key"],
        aws_secret_access_key=server["secret_key"],
        region_name=server["region"],
        config=config,
    )


def get(s3: Any, job: Job, key: str) -> int:
    return len(s3.get_object(Bucket=job.bucket, Key=key)["Body"].read())


def read_one(s3: Any, job: Job) -> Done:
    body = s3.get_object(Bucket=job.bucket, Key=job.key)["Body"]
    size = 0
    while piece := body.read(job.buffer * 1024):
        size += len(piece)
    return 1, size


def readinto_one(s3: Any, job: Job) -> Done:
    body = s3.get_object(Bucket=job.bucket, Key=job.key)["Body"]
    buffer = bytearray(job.buffer * 1024)
    size = 0
    while length := body.readinto(buffer):
        size += length
    return 1, size


def listing(s3: Any, job: Job) -> Done:
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=job.bucket, Prefix=job.prefix)
    objects = size = 0
    for page in pages:
        for entry in page.get("Contents", []):
            objects, size = objects + 1, size + entry["Size"]
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
