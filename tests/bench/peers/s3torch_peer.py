"""The client under s3torchconnector: Mountpoint's, on the AWS common runtime."""

from __future__ import annotations

from typing import Any

from job import Done, Job, environment, on_threads, run
from s3torchconnectorclient._mountpoint_s3_client import MountpointS3Client


def client(job: Job) -> Any:
    server = environment()
    return MountpointS3Client(server["region"], endpoint=server["endpoint"], force_path_style=True)


def get(s3: Any, job: Job, key: str) -> int:
    return sum(len(piece) for piece in s3.get_object(job.bucket, key))


def listing(s3: Any, job: Job) -> Done:
    objects = size = 0
    for page in s3.list_objects(job.bucket, job.prefix):
        for entry in page.object_info:
            objects, size = objects + 1, size + entry.size
    return objects, size


run(
    client,
    {
        "concurrent": lambda s3, job: on_threads(job, lambda key: get(s3, job, key)),
        # Pieces come as large as the client likes them.
        "read-one": lambda s3, job: (1, get(s3, job, job.key)),
        "list": listing,
    },
)
