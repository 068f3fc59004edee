"""Apache OpenDAL, under Python."""

from __future__ import annotations

import asyncio
from typing import Any

import opendal
from job import Done, Job, each, environment, run


def options(job: Job) -> dict[str, str]:
    server = environment()
    return {
        "bucket": job.bucket,
        "endpoint": server["endpoint"],
        "access_key_id": server["access_key"],
        "secret_access_key": server["secret_key"],
        "region": server["region"],
        "root": "/",
    }


def concurrent(operator: Any, job: Job) -> Done:
    """As many in flight as asked for, by OpenDAL's own asyncio calls."""

    async def get_all() -> Done:
        remote = opendal.AsyncOperator("s3", **options(job))
        limit = asyncio.Semaphore(job.concurrency)

        async def get(key: str) -> int:
            async with limit:
                return len(await remote.read(key))

        lengths = await asyncio.gather(*(get(key) for key in job.keys()))
        return len(lengths), sum(lengths)

    return asyncio.run(get_all())


def read_one(operator: Any, job: Job) -> Done:
    size = 0
    with operator.open(job.key, "rb") as file:
        while piece := file.read(job.buffer * 1024):
            size += len(piece)
    return 1, size


def readinto_one(operator: Any, job: Job) -> Done:
    buffer = bytearray(job.buffer * 1024)
    size = 0
    with operator.open(job.key, "rb") as file:
        while length := file.readinto(buffer):
            size += length
    return 1, size


def listing(operator: Any, job: Job) -> Done:
    # Its entries tell no size without another request.
    return sum(1 for _ in operator.scan(job.prefix)), 0


run(
    lambda job: opendal.Operator("s3", **options(job)),
    {
        "open-each": lambda op, job: each(job, lambda key: len(op.read(key))),
        "concurrent": concurrent,
        "read-one": read_one,
        "readinto-one": readinto_one,
        "list": listing,
    },
)
