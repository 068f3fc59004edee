"""obstore: the object_store crate of Rust, under Python."""

from __future__ import annotations

import asyncio
from typing import Any

import obstore
from job import Done, Job, each, environment, run
from obstore.store import S3Store


def store(job: Job) -> S3Store:
    server = environment()
    return S3Store(
        job.bucket,
        endpoint=server["endpoint"],
        access_key_id=server["access_key"],
        secret_access_key=server["secret_key"],
        region=server["region"],
        virtual_hosted_style_request=False,
        # The test's own authority: a bundle of certificates cannot be named.
        client_options={"allow_http": True, "allow_invalid_certificates": True},
    )


def concurrent(bucket: S3Store, job: Job) -> Done:
    """As many in flight as asked for, by obstore's own asyncio calls."""

    async def get_all() -> Done:
        limit = asyncio.Semaphore(job.concurrency)

        async def get(key: str) -> int:
            async with limit:
                reply = await obstore.get_async(bucket, key)
                return len(await reply.bytes_async())

        lengths = await asyncio.gather(*(get(key) for key in job.keys()))
        return len(lengths), sum(lengths)

    return asyncio.run(get_all())


def read_one(bucket: S3Store, job: Job) -> Done:
    size = 0
    for piece in obstore.get(bucket, job.key).stream(min_chunk_size=job.buffer * 1024):
        size += len(piece)
    return 1, size


def read_one_file(bucket: S3Store, job: Job) -> Done:
    """By its file-like reader, which asks for ranges."""
    file = obstore.open_reader(bucket, job.key)
    size = 0
    while piece := file.read(job.buffer * 1024):
        size += len(piece)
    return 1, size


def listing(bucket: S3Store, job: Job) -> Done:
    objects = size = 0
    for page in obstore.list(bucket, prefix=job.prefix or None, chunk_size=1000):
        objects, size = objects + len(page), size + sum(entry["size"] for entry in page)
    return objects, size


def get(bucket: S3Store, key: str) -> int:
    reply: Any = obstore.get(bucket, key)
    return len(reply.bytes())


run(
    store,
    {
        "open-each": lambda bucket, job: each(job, lambda key: get(bucket, key)),
        "concurrent": concurrent,
        "read-one": read_one,
        "read-one-file": read_one_file,
        "list": listing,
    },
)
